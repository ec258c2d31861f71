// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_ERRNO_STATUS_H_
#define SLOTWISE_IOURING_ERRNO_STATUS_H_

#include <string_view>

#include "absl/status/status.h"

namespace slotwise {

// "<what>: <the system's words> (EIO, errno 5)", under the code that callers
// decide on. Media errors (EIO, EREMOTEIO, EILSEQ, EBADMSG, EUCLEAN, ENODATA)
// are kDataLoss; a device that has gone (ENODEV, ENXIO) is kUnavailable, never
// kNotFound, which means a missing path; a read-only file system is
// kFailedPrecondition; all others follow absl::ErrnoToStatusCode.
// REQUIRES: error > 0.
absl::Status ErrnoStatus(int error, std::string_view what);

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_ERRNO_STATUS_H_
