// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_STORE_JOBS_H_
#define SLOTWISE_RAWBLOCK_STORE_JOBS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/store/stage_latencies.h"
#include "slotwise/store_options.h"

namespace slotwise {

class AnyBatch;
class Jobs;

// One operation for the core of one shard: what it is about, and the batch that knows the call and takes the answer.
// What a call does not need is empty. Made by any thread; once posted it belongs to the shard's.
struct Job {
  uint32_t shard = 0;
  std::string_view key = {};         // the batch's copy
  std::span<std::byte> memory = {};  // the caller's, until the answer
  Pin pin = Pin(0);                  // of an Unpin

  AnyBatch* batch = nullptr;
  Jobs* jobs = nullptr;  // once it is started
  size_t place = 0;      // among those
};

// The jobs that a shard is at work on: started, and answered but not yet delivered. The shard's thread only; all
// pointers are borrowed.
class Jobs {
 public:
  Jobs(Clock* clock, StageLatencies* latencies) : clock_(clock), latencies_(latencies) {}

  // Calls `core`, which answers from within this call or from its Poll.
  void Start(Job* job, RawBlockCore* core);
  // The core's answer is with the batch of `job`.
  void Answered(Job* job);
  // Answers one that was not started with `status`, and all that were: the core answers no more.
  void Fail(Job* job, const absl::Status& status);
  void FailStarted(const absl::Status& status);
  // Lets the callers hear what is answered: may run callbacks, which may post other jobs.
  void Deliver();

  bool empty() const { return started_.empty() && answered_.empty(); }
  // How many are answered and not delivered.
  size_t answered() const { return answered_.size(); }

  void CheckInvariants() const;

 private:
  Clock* const clock_;
  StageLatencies* const latencies_;
  std::vector<Job*> started_;
  std::vector<Job*> answered_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_STORE_JOBS_H_
