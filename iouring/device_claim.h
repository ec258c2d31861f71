// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_DEVICE_CLAIM_H_
#define SLOTWISE_IOURING_DEVICE_CLAIM_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "slotwise/unique_fd.h"

namespace slotwise {

// A claim is a descriptor that nobody else may have: of a block device opened with O_EXCL, which the kernel refuses
// when it is mounted or otherwise held, and of any file locked with flock(2), which every claim respects. It lasts
// until the last duplicate of the descriptor has gone: those of forks, and that of a ring, which the kernel keeps until
// the last transfer of a process that was killed has ended.

// Opens and claims `path` with the `flags` of open(2). While another has it, tries again for `wait`, with a line in the
// log, unless it is mounted here. Then kFailedPrecondition. kAborted and other codes: as ErrnoStatus of open.
absl::StatusOr<UniqueFd> Claim(const std::string& path, int flags, absl::Duration wait);

// What opening for writing says where nothing can be written.
absl::Status ReadOnlyError(const std::string& path);

// What opening says where there is no O_DIRECT.
absl::Status NoDirectIoError(const std::string& path);

// Waits until nobody has a claim on the file of `unclaimed`, at most `limit`. True if so.
bool AwaitUnclaimed(const UniqueFd& unclaimed, bool is_block_device, absl::Duration limit);

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_DEVICE_CLAIM_H_
