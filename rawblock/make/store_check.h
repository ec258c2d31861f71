// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_MAKE_STORE_CHECK_H_
#define SLOTWISE_RAWBLOCK_MAKE_STORE_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "iouring/device.h"
#include "rawblock/log/recovery.h"

namespace slotwise {

struct StoreCheckOptions {
  // Read every payload and verify its checksum, not the metadata alone.
  bool payloads = false;
  // Drop what is bad, and nothing else. Verifies the payloads too.
  bool repair = false;
};

struct StoreCheckReport {
  RecoveryReport recovery;
  // What is there; after a repair, what is left.
  uint64_t entries = 0;
  uint64_t payload_bytes = 0;
  uint64_t payloads_verified = 0;
  // Keys of entries whose payload is damaged or unreadable, or whose place belongs to another.
  std::vector<std::string> keys_bad;
  // One line each, for people; empty when all is well. At most kProblemsMax.
  std::vector<std::string> problems;
  bool repaired = false;  // there were problems, and now there are none

  static constexpr size_t kProblemsMax = 100;

  bool ok() const { return problems.empty(); }
};

// Verifies superblocks, checkpoint, journal and placements and, if asked to, the
// checksum of every payload. A group that a crash cut short is no problem.
// `progress` is called now and then with the payloads verified and their total.
//
// Changes nothing on the device but to repair: then damaged superblock copies
// are rewritten, and what is sound becomes a new checkpoint with an empty
// journal behind it, in a session of its own. A crash on the way leaves the store as it was. Where parts
// of the journal were damaged, entries that had been removed there may be back.
//
// An error means that nothing can be verified or repaired: as of ReadStoreHeader, or the device's own.
absl::StatusOr<StoreCheckReport> CheckStore(Device* device, const StoreCheckOptions& options,
                                            absl::FunctionRef<void(uint64_t done, uint64_t total)> progress);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_MAKE_STORE_CHECK_H_
