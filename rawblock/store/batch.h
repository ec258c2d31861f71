// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_STORE_BATCH_H_
#define SLOTWISE_RAWBLOCK_STORE_BATCH_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/store/jobs.h"
#include "slotwise/operation_stage.h"
#include "slotwise/store_options.h"

namespace slotwise {

// One call of a RawBlockStore: its jobs, and how many of them are not answered yet. Allocated with new; it deletes
// itself when the last job is delivered. The shards work on their jobs at the same time and share nothing but the
// count.
class AnyBatch {
 public:
  // Copies the keys of `jobs`.
  explicit AnyBatch(std::vector<Job> jobs);
  AnyBatch(const AnyBatch&) = delete;
  AnyBatch& operator=(const AnyBatch&) = delete;

  // When the call was made, as MonotonicNow.
  absl::Time called() const { return called_; }
  std::span<Job> jobs() { return jobs_; }

  // Calls `core`, whose answer is told to job->jobs.
  virtual void Start(Job* job, RawBlockCore* core) = 0;
  // Makes `status` the answer of `job`.
  virtual void Fail(const Job& job, const absl::Status& status) = 0;
  // The stage that the answer of `job` has ended, measured from the call; most end none.
  virtual std::optional<OperationStage> StageEndedBy(const Job& job) const = 0;

  // So many more `jobs` are delivered; the last one runs the caller's callback and ends the batch.
  void CountDown(size_t jobs) {
    if (left_.fetch_sub(jobs) == jobs) Finish();
  }
  // REQUIRES: no job is left.
  void Finish();

 protected:
  virtual ~AnyBatch() = default;
  size_t IndexOf(const Job& job) const { return static_cast<size_t>(&job - jobs_.data()); }

 private:
  virtual void RunDone() = 0;

  const absl::Time called_ = MonotonicNow();
  std::string keys_;
  std::vector<Job> jobs_;
  std::atomic<size_t> left_;
};

// Which stage a result ends.
inline std::optional<OperationStage> StageEndedByResult(const absl::StatusOr<PutOutcome>& result) {
  return result.ok() && *result == PutOutcome::kStored ? std::optional(OperationStage::kPut) : std::nullopt;
}
inline std::optional<OperationStage> StageEndedByResult(const absl::StatusOr<uint64_t>& result) {
  return result.ok() ? std::optional(OperationStage::kGet) : std::nullopt;
}
template <typename Result>
std::optional<OperationStage> StageEndedByResult(const Result& /*result*/) {
  return std::nullopt;
}

// A batch whose jobs are answered with a Result each, in the order of the jobs.
template <typename Result>
class Batch final : public AnyBatch {
 public:
  using Answer = absl::AnyInvocable<void(Result)>;
  // Calls the core for one job. Used by several threads at a time.
  using Call = absl::AnyInvocable<void(RawBlockCore*, const Job&, Answer) const>;
  using Done = absl::AnyInvocable<void(std::vector<Result>)>;

  Batch(std::vector<Job> jobs, Call call, Done done)
      : AnyBatch(std::move(jobs)), call_(std::move(call)), results_(this->jobs().size()), done_(std::move(done)) {}

  void Start(Job* job, RawBlockCore* core) override {
    call_(core, *job, [this, job](Result result) {
      results_[IndexOf(*job)] = std::move(result);
      job->jobs->Answered(job);
    });
  }
  void Fail(const Job& job, const absl::Status& status) override { results_[IndexOf(job)] = Result(status); }
  std::optional<OperationStage> StageEndedBy(const Job& job) const override {
    return StageEndedByResult(results_[IndexOf(job)]);
  }

 private:
  ~Batch() override = default;
  void RunDone() override { done_(std::move(results_)); }

  const Call call_;
  std::vector<Result> results_;
  Done done_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_STORE_BATCH_H_
