// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_LOG_CHECKPOINT_READER_H_
#define SLOTWISE_RAWBLOCK_LOG_CHECKPOINT_READER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "iouring/device.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/log/index.h"
#include "rawblock/log/replayer.h"

namespace slotwise {

// The valid headers of both slots, each once, the newest checkpoint's first. A copy that cannot be read counts as
// invalid. An error is the device's.
absl::StatusOr<std::vector<format::CheckpointHeader>> ReadCheckpointHeaders(Device* device, const StoreHeader& header);

// Reads the chunks of one checkpoint into an index. Goes past damaged ones, and
// past those that an earlier checkpoint left in the slot. One thread.
class CheckpointReader {
 public:
  // All borrowed.
  CheckpointReader(Device* device, const StoreHeader& header, const format::CheckpointHeader& checkpoint, Index* index);

  // Applies every valid chunk, in order. An error is the device's. O(bytes).
  // Call once.
  absl::Status ReadAll();

  // After ReadAll: what is missing, in a line for people; empty if nothing is.
  std::string Damage() const;

 private:
  // Applies the chunk at the front of `bytes`; returns how many bytes to go on by:
  // the chunk's, or one block if there is none.
  uint64_t Take(std::span<const std::byte> bytes);

  Device* const device_;
  const StoreHeader& header_;
  const format::CheckpointHeader& checkpoint_;
  Index* const index_;
  Replayer replayer_;
  uint64_t next_chunk_ = 0;  // chunks below this have been seen
  uint64_t chunks_ = 0;      // applied
  uint64_t records_ = 0;     // in them
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_LOG_CHECKPOINT_READER_H_
