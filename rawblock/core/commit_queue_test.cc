// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/commit_queue.h"

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "rawblock/log/index.h"
#include "rawblock/testing/log_store.h"

namespace slotwise {
namespace {

constexpr absl::Duration kInterval = absl::Milliseconds(50);

class CommitQueueTest : public testing::Test {
 protected:
  ~CommitQueueTest() override { commits_.CheckInvariants(); }

  // An operation whose callback adds `name` to answers_; "!" behind it if it failed.
  Operation* Begin(char name) {
    Operation* operation = operations_.Begin(Operation::Kind::kFlush);
    operation->done = [this, name](const absl::Status& status) {
      answers_ += name;
      if (!status.ok()) answers_ += '!';
    };
    return operation;
  }
  // Writes what is pending, and one step of a checkpoint.
  void Advance() {
    commits_.Finish();
    commits_.AdvanceCheckpoint();
    commits_.CommitIfDue(absl::UnixEpoch(), /*wanted=*/false);
    store_.Finish();
    commits_.Finish();
    operations_.RunCompleted();
    commits_.CheckInvariants();
  }

  LogStore store_;
  Index index_{store_.header().salt};
  Journal journal_{store_.layout(), store_.header().salt, 0, JournalPoint(), 0, store_.device()};
  CheckpointWriter checkpoint_{store_.header(), 0, &index_, store_.device()};
  Operations operations_;
  StageTimer timer_{nullptr, nullptr};
  CommitQueue commits_{&journal_, &checkpoint_, kInterval, 1, &operations_, &timer_};
  std::string answers_;
};

TEST_F(CommitQueueTest, AnswersOnceWhatWasAppendedBeforeIsDurable) {
  journal_.Append(store_.Put(0));
  commits_.Await(Begin('a'));
  operations_.RunCompleted();
  EXPECT_EQ(answers_, "");
  EXPECT_FALSE(commits_.idle());
  Advance();
  EXPECT_EQ(answers_, "a");
  journal_.Append(store_.Put(1));
  commits_.Await(Begin('b'));
  Advance();
  EXPECT_EQ(answers_, "ab");
  EXPECT_TRUE(commits_.idle());
}

TEST_F(CommitQueueTest, NobodyWaitsLongerForWhatIsAppendedLater) {
  journal_.Append(store_.Put(0));
  commits_.Await(Begin('a'));
  commits_.CommitIfDue(absl::UnixEpoch(), /*wanted=*/false);
  journal_.Append(store_.Put(1));
  store_.Finish();
  commits_.Finish();
  operations_.RunCompleted();
  EXPECT_EQ(answers_, "a");
}

TEST_F(CommitQueueTest, AJournalThatFailsFailsWhoWaitsAndWhoComesLater) {
  journal_.Append(store_.Put(0));
  commits_.Await(Begin('a'));
  commits_.AwaitCheckpoint(Begin('b'));
  commits_.AdvanceCheckpoint();
  commits_.AwaitCheckpoint(Begin('c'));
  store_.FailAll('f');
  Advance();
  commits_.Await(Begin('d'));
  commits_.AwaitCheckpoint(Begin('e'));
  operations_.RunCompleted();
  EXPECT_EQ(answers_, "a!c!b!d!e!");
  EXPECT_TRUE(absl::IsFailedPrecondition(commits_.failure()));
  EXPECT_FALSE(commits_.Behind());
  Advance();
  EXPECT_TRUE(commits_.idle());
}

TEST_F(CommitQueueTest, ABatchedAnswerIsGivenAtOnceUnlessEarlierOnesAreOverdue) {
  absl::Time now = absl::UnixEpoch();
  journal_.Append(store_.Put(0));
  commits_.Acknowledge(Begin('a'), Durability::kBatched);
  commits_.Acknowledge(Begin('b'), Durability::kDurable);
  operations_.RunCompleted();
  EXPECT_EQ(answers_, "a");
  commits_.CommitIfDue(now, /*wanted=*/false);  // and the group stays on its way
  EXPECT_EQ(commits_.volatile_since(), now);
  now += 2 * kInterval;
  commits_.CommitIfDue(now, /*wanted=*/false);
  journal_.Append(store_.Put(1));
  commits_.Acknowledge(Begin('c'), Durability::kBatched);
  operations_.RunCompleted();
  EXPECT_EQ(answers_, "ac");
  now += absl::Nanoseconds(1);
  commits_.CommitIfDue(now, /*wanted=*/false);
  journal_.Append(store_.Put(2));
  commits_.Acknowledge(Begin('d'), Durability::kBatched);
  operations_.RunCompleted();
  EXPECT_EQ(answers_, "ac") << "rather late than volatile";
  for (int i = 0; i < 3; ++i) {
    store_.Finish();
    commits_.Finish();
    commits_.CommitIfDue(now, /*wanted=*/false);
  }
  operations_.RunCompleted();
  EXPECT_EQ(answers_, "acbd");
  EXPECT_EQ(commits_.volatile_since(), absl::InfiniteFuture());
  journal_.Append(store_.Put(3));
  commits_.Acknowledge(Begin('e'), Durability::kBatched);
  operations_.RunCompleted();
  EXPECT_EQ(answers_, "acbde");
}

TEST_F(CommitQueueTest, WhoAsksWhileACheckpointIsWrittenWaitsForTheNext) {
  commits_.AwaitCheckpoint(Begin('a'));
  commits_.AdvanceCheckpoint();
  commits_.AwaitCheckpoint(Begin('b'));
  while (commits_.checkpoints() == 0) Advance();
  operations_.RunCompleted();
  EXPECT_EQ(answers_, "a");
  while (commits_.checkpoints() == 1) Advance();
  operations_.RunCompleted();
  EXPECT_EQ(answers_, "ab");
}

}  // namespace
}  // namespace slotwise
