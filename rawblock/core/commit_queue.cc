// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/commit_queue.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"

namespace slotwise {

void CommitQueue::Await(Operation* operation) {
  if (!failure_.ok()) return operations_->Complete(operation, failure_);
  operation->awaited = journal_->next_lsn();
  timer_->Begin(operation);
  records_.push_back(operation);
}

void CommitQueue::Acknowledge(Operation* operation, Durability durability) {
  if (durability == Durability::kDurable || overdue_) return Await(operation);
  early_answers_.Give(journal_->next_lsn());
  operations_->Complete(operation, absl::OkStatus());
}

void CommitQueue::AwaitCheckpoint(Operation* operation) {
  if (!failure_.ok()) return operations_->Complete(operation, failure_);
  next_checkpoint_.push_back(operation);
}

void CommitQueue::Finish() {
  if (!journal_->status().ok()) Fail(journal_->status());
  const Lsn durable_end = journal_->durable_end();
  while (!records_.empty() && records_.front()->awaited <= durable_end) {
    timer_->End(records_.front(), OperationStage::kDurable);
    operations_->Complete(records_.front(), absl::OkStatus());
    records_.pop_front();
  }
}

void CommitQueue::AdvanceCheckpoint() {
  if (!failure_.ok()) return committer_.GiveUpCheckpoint();
  switch (committer_.AdvanceCheckpoint(!next_checkpoint_.empty())) {
    case Committer::CheckpointStep::kNone:
      return;
    case Committer::CheckpointStep::kStarted:
      return this_checkpoint_.swap(next_checkpoint_);
    case Committer::CheckpointStep::kSealed:
      ++checkpoints_;
      return CompleteAll(&this_checkpoint_, absl::OkStatus());
    case Committer::CheckpointStep::kFailed:
      return Fail(checkpoint_->status());
  }
}

void CommitQueue::CommitIfDue(absl::Time now, bool wanted) {
  early_answers_.Advance(now, journal_->durable_end());
  overdue_ = now - early_answers_.oldest() > overdue_after_;
  if (!failure_.ok()) return committer_.Abandon();
  committer_.CommitIfDue(now, wanted || !records_.empty());
}

void CommitQueue::Commit() {
  if (failure_.ok()) committer_.Commit();
}

void CommitQueue::Fail(const absl::Status& status) {
  if (!failure_.ok()) return;
  failure_ = absl::FailedPreconditionError(absl::StrCat("the store is read-only: ", status.message()));
  LOG(ERROR) << failure_.message();
  for (Operation* operation : records_) operations_->Complete(operation, failure_);
  records_.clear();
  CompleteAll(&next_checkpoint_, failure_);
  CompleteAll(&this_checkpoint_, failure_);
}

void CommitQueue::CompleteAll(std::vector<Operation*>* operations, const absl::Status& status) {
  for (Operation* operation : *operations) operations_->Complete(operation, status);
  operations->clear();
}

bool CommitQueue::idle() const {
  return waiting() == 0 && !committer_.checkpoint_running() && (journal_->pending_bytes() == 0 || !failure_.ok());
}

void CommitQueue::CheckInvariants() const {
  committer_.CheckInvariants();
  CHECK(failure_.ok() || waiting() == 0) << "somebody waits for what will not come";
  CHECK(this_checkpoint_.empty() || committer_.checkpoint_running());
  CHECK(std::is_sorted(records_.begin(), records_.end(),
                       [](const Operation* a, const Operation* b) { return a->awaited < b->awaited; }));
}

}  // namespace slotwise
