// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_STORE_SHARD_WORK_H_
#define SLOTWISE_RAWBLOCK_STORE_SHARD_WORK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/store/stage_latencies.h"

namespace slotwise {

class ShardWork;

// Where a shard's works tell that they get on. The shard's thread only.
struct ShardProgress {
  Clock* clock = nullptr;
  StageLatencies* latencies = nullptr;
  uint64_t answers = 0;              // given since the shard looked
  std::vector<ShardWork*> answered;  // works whose operations all are, since then
};

// The operations that one batch asks of one shard. Made by any thread; from the first
// StartNext or Fail on it belongs to the shard's.
class ShardWork {
 public:
  virtual ~ShardWork() = default;

  virtual size_t operations() const = 0;

  // Starts one more operation on `core` and returns how many bytes it moves; nullopt
  // if all had been started. Answers come from within this call or from the core's
  // Poll. Both are borrowed until all are there.
  virtual std::optional<uint64_t> StartNext(RawBlockCore* core, ShardProgress* progress) = 0;

  // Gives every operation without an answer this one, started or not. REQUIRES: the
  // core answers no more.
  virtual void Fail(const absl::Status& status, ShardProgress* progress) = 0;

  // Hands the answers over: may run the batch's callback. REQUIRES: all are there.
  virtual void Deliver() = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_STORE_SHARD_WORK_H_
