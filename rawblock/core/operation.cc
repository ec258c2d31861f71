// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/operation.h"

#include <algorithm>
#include <utility>

#include "glog/logging.h"

namespace slotwise {

Operation* Operations::Begin(Operation::Kind kind) {
  if (idle_.empty()) {
    all_.push_back(std::make_unique<Operation>());
    all_.back()->place = all_.size() - 1;
    idle_.push_back(all_.back().get());
  }
  Operation* operation = idle_.back();
  idle_.pop_back();
  under_way_max_ = std::max(under_way_max_, under_way());
  static_cast<OperationState&>(*operation) = {.kind = kind};
  return operation;
}

void Operations::Complete(Operation* operation, absl::Status status) {
  operation->status = std::move(status);
  completed_.push_back(operation);
}

void Operations::RunCompleted() {
  std::vector<Operation*> completed;
  completed.swap(completed_);
  running_ = completed.size();
  for (Operation* operation : completed) {
    --running_;
    Run(operation);
  }
  GiveBackIdle();
}

// Few at a time, so that nothing pauses.
void Operations::GiveBackIdle() {
  constexpr size_t kAtOnceMax = 256;
  if (ended_ >= kPeriod) {
    kept_ = std::max(kIdleKept, under_way_max_);
    under_way_max_ = under_way();
    ended_ = 0;
  }
  for (size_t i = 0; i < kAtOnceMax && all_.size() > std::max(kept_, under_way_max_) && !idle_.empty(); ++i) {
    Operation* const operation = idle_.back();
    idle_.pop_back();
    Destroy(operation);
  }
}

void Operations::Destroy(Operation* operation) {
  const size_t place = operation->place;
  all_[place].swap(all_.back());
  all_[place]->place = place;
  all_.pop_back();
}

// The operation is idle before its callback runs, which may begin another.
void Operations::Run(Operation* operation) {
  OperationState ended = std::move(static_cast<OperationState&>(*operation));
  idle_.push_back(operation);
  ++ended_;
  switch (ended.kind) {
    case Operation::Kind::kPut:
      return ended.put_done(ended.status.ok() ? absl::StatusOr<PutOutcome>(ended.outcome) : std::move(ended.status));
    case Operation::Kind::kGet:
      return ended.get_done(ended.status.ok() ? absl::StatusOr<uint64_t>(ended.payload_bytes)
                                              : std::move(ended.status));
    default:
      return ended.done(std::move(ended.status));
  }
}

void Operations::Abandon() {
  for (const std::unique_ptr<Operation>& operation : all_) operation->transfer.Abandon();
}

void Operations::CheckInvariants() const {
  CHECK_LE(idle_.size() + completed(), all_.size());
  for (size_t place = 0; place < all_.size(); ++place) CHECK_EQ(all_[place]->place, place);
  for (const Operation* operation : idle_) CHECK(operation->next_of_key == nullptr);
}

}  // namespace slotwise
