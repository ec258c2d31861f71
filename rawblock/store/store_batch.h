// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_STORE_STORE_BATCH_H_
#define SLOTWISE_RAWBLOCK_STORE_STORE_BATCH_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/store/shard_work.h"
#include "slotwise/operation_stage.h"

namespace slotwise {

// One call of a RawBlockStore: an operation per key, each of which some shard answers
// with a Result. Parts of it are posted to the shards; the last part to finish runs
// `done`. Between them the parts share nothing but the count of those left: each
// writes the results of its own operations only.
template <typename Result>
class StoreBatch {
 public:
  using Answer = absl::AnyInvocable<void(Result)>;
  using Done = absl::AnyInvocable<void(std::vector<Result>)>;

  StoreBatch(size_t operations, Done done) : results_(operations), done_(std::move(done)) {}
  virtual ~StoreBatch() = default;
  StoreBatch(const StoreBatch&) = delete;
  StoreBatch& operator=(const StoreBatch&) = delete;

  size_t operations() const { return results_.size(); }

  // Starts one operation of `shard`, whose core `core` is. `answer` may run at once.
  virtual void Start(size_t operation, uint32_t shard, RawBlockCore* core, Answer answer) = 0;

  // How many bytes `operation` moves.
  virtual uint64_t BytesOf(size_t operation) const = 0;

  // The stage that `result` ends, measured from the call; most end none.
  virtual std::optional<OperationStage> Ends(const Result& result) const = 0;

  // From the call until now.
  absl::Duration Age(absl::Time now) const { return now - called_; }

  void SetResult(size_t operation, Result result) { results_[operation] = std::move(result); }

  // How many parts will finish. REQUIRES: none has.
  void Split(size_t parts) { parts_left_ = parts; }
  void FinishPart() {
    if (parts_left_.fetch_sub(1) == 1) done_(std::move(results_));
  }

 private:
  const absl::Time called_ = absl::Now();
  std::vector<Result> results_;
  std::atomic<size_t> parts_left_ = 0;
  Done done_;
};

// The operations of a batch that belong to one shard.
template <typename Result>
class StoreBatchPart final : public ShardWork {
 public:
  StoreBatchPart(std::shared_ptr<StoreBatch<Result>> batch, uint32_t shard) : batch_(std::move(batch)), shard_(shard) {}

  void Add(size_t operation) { operations_.push_back({.index = operation}); }

  size_t operations() const override { return operations_.size(); }

  std::optional<uint64_t> StartNext(RawBlockCore* core, ShardProgress* progress) override {
    if (progress_ == nullptr) {
      Begin(progress);
      progress->latencies->OnStage(OperationStage::kQueue, batch_->Age(progress->clock->Now()));
    }
    if (started_ == operations_.size()) return std::nullopt;
    Operation& operation = operations_[started_++];
    const uint64_t bytes = batch_->BytesOf(operation.index);
    batch_->Start(operation.index, shard_, core,
                  [this, &operation](Result result) { Answer(&operation, std::move(result)); });
    return bytes;
  }

  void Fail(const absl::Status& status, ShardProgress* progress) override {
    if (progress_ == nullptr) Begin(progress);
    for (Operation& operation : operations_) {
      if (!operation.answered) Answer(&operation, Result(status));
    }
  }

  void Deliver() override { batch_->FinishPart(); }

  // Instead of being posted. May run the batch's callback.
  void Refuse(const absl::Status& status) {
    for (const Operation& operation : operations_) batch_->SetResult(operation.index, Result(status));
    batch_->FinishPart();
  }

 private:
  struct Operation {
    size_t index = 0;  // in the batch
    bool answered = false;
  };

  void Begin(ShardProgress* progress) {
    progress_ = progress;
    unanswered_ = operations_.size();
    if (unanswered_ == 0) progress->answered.push_back(this);
  }

  void Answer(Operation* operation, Result result) {
    if (const std::optional<OperationStage> stage = batch_->Ends(result)) {
      progress_->latencies->OnStage(*stage, batch_->Age(progress_->clock->Now()));
    }
    batch_->SetResult(operation->index, std::move(result));
    operation->answered = true;
    ++progress_->answers;
    if (--unanswered_ == 0) progress_->answered.push_back(this);
  }

  const std::shared_ptr<StoreBatch<Result>> batch_;
  const uint32_t shard_;
  std::vector<Operation> operations_;
  size_t started_ = 0;
  size_t unanswered_ = 0;
  ShardProgress* progress_ = nullptr;  // null until StartNext or Fail
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_STORE_STORE_BATCH_H_
