// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_COMMIT_QUEUE_H_
#define SLOTWISE_RAWBLOCK_CORE_COMMIT_QUEUE_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "rawblock/core/committer.h"
#include "rawblock/core/early_answers.h"
#include "rawblock/core/operation.h"
#include "rawblock/core/stage_timer.h"
#include "rawblock/log/checkpoint.h"
#include "rawblock/log/journal.h"
#include "slotwise/store_options.h"

namespace slotwise {

// Who waits for the journal and for checkpoints; and, when one of these fails, that nothing can become durable any
// more. The Committer decides when groups and checkpoints are written. One thread; everything is borrowed.
class CommitQueue {
 public:
  CommitQueue(Journal* journal, CheckpointWriter* checkpoint, absl::Duration commit_interval,
              uint64_t checkpoint_sequence, Operations* operations, StageTimer* timer)
      : journal_(journal),
        checkpoint_(checkpoint),
        committer_(journal, checkpoint, commit_interval, checkpoint_sequence),
        operations_(operations),
        timer_(timer),
        overdue_after_(2 * commit_interval),
        early_answers_(commit_interval / 16) {}

  // Completes `operation` once every record appended so far is durable.
  void Await(Operation* operation);
  // Completes one whose record is appended: kDurable as Await does; kBatched now, unless answers that were given so are
  // overdue, volatile for longer than twice the commit interval. Then it is rather answered late, as by Await.
  void Acknowledge(Operation* operation, Durability durability);
  // Completes `operation` once a checkpoint is durable that starts after this call.
  void AwaitCheckpoint(Operation* operation);

  // Completes those that waited for what is durable now. O(those).
  void Finish();
  // Moves a checkpoint on by one step.
  void AdvanceCheckpoint();
  // Starts writing a group if one is due; `wanted`: somebody else waits for it. Call it often: what was acknowledged
  // since the last call counts as acknowledged now.
  void CommitIfDue(absl::Time now, bool wanted);
  // Starts writing a group now.
  void Commit();

  // Nothing becomes durable any more, because of `status`: those that wait hear of it. The first call counts.
  void Fail(const absl::Status& status);
  // OK, or why nothing becomes durable any more: kFailedPrecondition.
  const absl::Status& failure() const { return failure_; }
  // Whether the journal has no room for another record. After a failure nothing is committed any more, so nothing needs
  // to wait for it.
  bool Behind() const { return failure_.ok() && !journal_->HasRoom(); }
  // When the oldest operation was acknowledged whose record is not durable; the infinite future if there is none.
  absl::Time volatile_since() const { return early_answers_.oldest(); }
  // When CommitIfDue has something to do, at the latest.
  absl::Time commit_due() const { return committer_.commit_due(); }
  // How many groups were started, and how many checkpoints are durable.
  uint64_t groups_started() const { return committer_.commits(); }
  uint64_t checkpoints() const { return checkpoints_; }
  // Whether nobody waits and nothing is left to be written.
  bool idle() const;
  // How many operations wait.
  size_t waiting() const { return records_.size() + next_checkpoint_.size() + this_checkpoint_.size(); }

  void CheckInvariants() const;

 private:
  void CompleteAll(std::vector<Operation*>* operations, const absl::Status& status);

  Journal* const journal_;
  CheckpointWriter* const checkpoint_;
  Committer committer_;
  Operations* const operations_;
  StageTimer* const timer_;
  const absl::Duration overdue_after_;

  absl::Status failure_;
  std::deque<Operation*> records_;           // wait for records, by LSN
  std::vector<Operation*> next_checkpoint_;  // wait for one that has not started
  std::vector<Operation*> this_checkpoint_;  // wait for the one under way
  uint64_t checkpoints_ = 0;
  EarlyAnswers early_answers_;
  bool overdue_ = false;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_COMMIT_QUEUE_H_
