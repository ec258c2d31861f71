// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/committer.h"

#include "glog/logging.h"
#include "rawblock/disk/format.h"

namespace slotwise {

Committer::Committer(Journal* journal, CheckpointWriter* checkpoint, absl::Duration commit_interval,
                     uint64_t checkpoint_sequence)
    : journal_(journal),
      checkpoint_(checkpoint),
      commit_interval_(commit_interval),
      checkpoint_sequence_(checkpoint_sequence) {}

void Committer::CommitIfDue(absl::Time now, bool wanted) {
  if (journal_->pending_bytes() == 0) return Abandon();
  if (now >= commit_due_) {
    overdue_end_ = journal_->next_lsn();
    commit_due_ = absl::InfiniteFuture();
  }
  if (commit_due_ == absl::InfiniteFuture()) commit_due_ = now + commit_interval_;
  if (CommitUrgent(wanted)) Commit();
}

bool Committer::CommitUrgent(bool wanted) const {
  return wanted || seal_after_.has_value() || journal_->pending_start().lsn < overdue_end_ ||
         journal_->pending_bytes() >= format::kGroupBytesMax;
}

void Committer::Commit() {
  if (journal_->StartCommit()) ++commits_;
  if (journal_->pending_bytes() == 0) Abandon();
}

Committer::CheckpointStep Committer::AdvanceCheckpoint(bool wanted) {
  if (!checkpoint_running_) {
    if (!wanted && journal_->used_bytes() <= journal_->ring_bytes() / 2) return CheckpointStep::kNone;
    StartCheckpoint();
    return CheckpointStep::kStarted;
  }
  if (checkpoint_->idle()) return FinishCheckpoint();
  if (!checkpoint_->chunks_written()) return CheckpointStep::kNone;
  if (!seal_after_.has_value()) seal_after_ = journal_->next_lsn();
  // Sealed earlier, the checkpoint could show an entry whose record a crash takes back.
  if (journal_->durable_end() >= *seal_after_) checkpoint_->Seal();
  return CheckpointStep::kNone;
}

void Committer::StartCheckpoint() {
  checkpoint_running_ = true;
  seal_after_.reset();
  checkpoint_->Start(checkpoint_sequence_ + 1, journal_->pending_start());
}

Committer::CheckpointStep Committer::FinishCheckpoint() {
  checkpoint_running_ = false;
  seal_after_.reset();
  if (!checkpoint_->status().ok()) return CheckpointStep::kFailed;
  checkpoint_sequence_ = checkpoint_->sequence();
  // Only now may the ring be overwritten up to here: the older checkpoint needed it.
  journal_->MoveTail(checkpoint_->replay_from().position);
  return CheckpointStep::kSealed;
}

void Committer::GiveUpCheckpoint() {
  if (checkpoint_->idle() || checkpoint_->chunks_written()) checkpoint_running_ = false;
}

void Committer::CheckInvariants() const {
  CHECK(checkpoint_running_ || checkpoint_->idle() || checkpoint_->chunks_written());
  CHECK(!seal_after_.has_value() || *seal_after_ <= journal_->next_lsn());
  CHECK(overdue_end_ <= journal_->next_lsn());
}

}  // namespace slotwise
