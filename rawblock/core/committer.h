// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_COMMITTER_H_
#define SLOTWISE_RAWBLOCK_CORE_COMMITTER_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "rawblock/disk/lsn.h"
#include "rawblock/log/checkpoint.h"
#include "rawblock/log/journal.h"

namespace slotwise {

// Decides when a group of the journal is written, and when a checkpoint: the timing of group commit. Journal and
// CheckpointWriter do the writing. One thread; both are borrowed.
//
// A checkpoint has three steps: its chunks are written; every record appended until then becomes durable, since the
// chunks show entries of records that may not be; then it is sealed. Groups are written meanwhile as ever, for which
// the ring has room (see Journal): so a slow checkpoint keeps no record volatile, and a full ring is always freed.
class Committer {
 public:
  enum class CheckpointStep { kNone, kStarted, kSealed, kFailed };

  // `checkpoint_sequence` is the newest checkpoint's.
  Committer(Journal* journal, CheckpointWriter* checkpoint, absl::Duration commit_interval,
            uint64_t checkpoint_sequence);

  // Starts writing a group if one is due: somebody waits for it (`wanted`) or a checkpoint does, a record has waited
  // for commit_interval, or a group is full.
  void CommitIfDue(absl::Time now, bool wanted);
  // Starts writing a group. Does nothing if none is pending; while one is under way, its completion is the time to ask
  // again.
  void Commit();
  // No group is due any more: the journal has failed.
  void Abandon() { commit_due_ = absl::InfiniteFuture(); }

  // When CommitIfDue has something to do, at the latest.
  absl::Time commit_due() const { return commit_due_; }
  // How many groups were started.
  uint64_t commits() const { return commits_; }

  // Moves a checkpoint on by one step; starts one if it is `wanted` or half of the ring is used.
  // kFailed: CheckpointWriter's status says why; nothing more may be committed.
  CheckpointStep AdvanceCheckpoint(bool wanted);
  // Gives the checkpoint under way up, once it has nothing on the device. After a failure of the store.
  void GiveUpCheckpoint();

  bool checkpoint_running() const { return checkpoint_running_; }

  void CheckInvariants() const;

 private:
  bool CommitUrgent(bool wanted) const;
  void StartCheckpoint();
  CheckpointStep FinishCheckpoint();

  Journal* const journal_;
  CheckpointWriter* const checkpoint_;
  const absl::Duration commit_interval_;

  absl::Time commit_due_ = absl::InfiniteFuture();  // when the oldest record in no group has waited for commit_interval
  Lsn overdue_end_;                                 // records below this have waited for commit_interval
  uint64_t commits_ = 0;
  uint64_t checkpoint_sequence_;
  bool checkpoint_running_ = false;
  std::optional<Lsn> seal_after_;  // the checkpoint's chunks show records below this
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_COMMITTER_H_
