// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_STORE_CHECK_H_
#define SLOTWISE_RAWBLOCK_STORE_CHECK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "iouring/device.h"
#include "rawblock/recovery.h"

namespace slotwise {

struct StoreCheckReport {
  RecoveryReport recovery;
  uint64_t entries = 0;
  uint64_t payload_bytes = 0;
  uint64_t payloads_verified = 0;
  uint64_t payloads_damaged = 0;
  // One line each, for people; empty when all is well. At most kProblemsMax.
  std::vector<std::string> problems;

  static constexpr size_t kProblemsMax = 100;
};

// Verifies superblocks, checkpoint, journal and placements and, if `payloads`,
// the checksum of every payload. Changes nothing on the device. `progress` is
// called now and then with the entries done and their total.
// An error, as of Recover, means that the store cannot be opened at all.
absl::StatusOr<StoreCheckReport> CheckStore(Device* device, bool payloads,
                                            absl::FunctionRef<void(uint64_t done, uint64_t total)> progress);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_STORE_CHECK_H_
