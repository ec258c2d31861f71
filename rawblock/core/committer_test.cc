// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/committer.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "rawblock/log/index.h"
#include "rawblock/testing/log_store.h"

namespace slotwise {
namespace {

using Step = Committer::CheckpointStep;

constexpr absl::Duration kInterval = absl::Milliseconds(50);
constexpr absl::Time kStart = absl::UnixEpoch();

class CommitterTest : public ::testing::Test {
 protected:
  ~CommitterTest() override { committer_.CheckInvariants(); }

  LogStore store_;
  Index index_{store_.header().salt};
  Journal journal_{store_.layout(), store_.header().salt, 0, JournalPoint(), 0, store_.device()};
  CheckpointWriter checkpoint_{store_.header(), 0, &index_, store_.device()};
  Committer committer_{&journal_, &checkpoint_, kInterval, 1};
};

TEST_F(CommitterTest, NothingIsDueWithoutARecord) {
  committer_.CommitIfDue(kStart, /*wanted=*/true);
  EXPECT_EQ(committer_.commits(), 0u);
  EXPECT_EQ(committer_.commit_due(), absl::InfiniteFuture());
}

TEST_F(CommitterTest, ARecordThatNobodyWaitsForWaitsForTheInterval) {
  journal_.Append(store_.Put(0));
  committer_.CommitIfDue(kStart, /*wanted=*/false);
  EXPECT_EQ(committer_.commit_due(), kStart + kInterval);
  committer_.CommitIfDue(kStart + kInterval - absl::Nanoseconds(1), /*wanted=*/false);
  EXPECT_EQ(committer_.commits(), 0u);
  committer_.CommitIfDue(kStart + kInterval, /*wanted=*/false);
  EXPECT_EQ(committer_.commits(), 1u);
  store_.Finish();
  EXPECT_EQ(journal_.durable_end(), journal_.next_lsn());
}

TEST_F(CommitterTest, ARecordThatSomebodyWaitsForIsCommittedAtOnce) {
  journal_.Append(store_.Put(0));
  committer_.CommitIfDue(kStart, /*wanted=*/true);
  EXPECT_EQ(committer_.commits(), 1u);
  EXPECT_EQ(committer_.commit_due(), absl::InfiniteFuture());
  store_.Finish();
}

TEST_F(CommitterTest, ACheckpointIsSealedOnlyOnceTheRecordsThatItMayShowAreDurable) {
  EXPECT_EQ(committer_.AdvanceCheckpoint(/*wanted=*/false), Step::kNone);
  EXPECT_EQ(committer_.AdvanceCheckpoint(/*wanted=*/true), Step::kStarted);
  store_.Finish();
  journal_.Append(store_.Put(0));
  EXPECT_EQ(committer_.AdvanceCheckpoint(/*wanted=*/false), Step::kNone);
  EXPECT_TRUE(checkpoint_.chunks_written()) << "sealed before its record is durable";
  committer_.CommitIfDue(kStart, /*wanted=*/false);
  EXPECT_EQ(committer_.commits(), 1u) << "the checkpoint waits for this group";
  store_.Finish();
  EXPECT_EQ(committer_.AdvanceCheckpoint(/*wanted=*/false), Step::kNone);
  store_.Finish();
  EXPECT_EQ(committer_.AdvanceCheckpoint(/*wanted=*/false), Step::kSealed);
  EXPECT_FALSE(committer_.checkpoint_running());
}

TEST_F(CommitterTest, ACheckpointThatCannotBeWrittenHasFailed) {
  index_.Insert("key", Placement(Extent(BlockIndex(1), BlockCount(1))), 100, 0);
  store_.FailAll('w');
  EXPECT_EQ(committer_.AdvanceCheckpoint(/*wanted=*/true), Step::kStarted);
  store_.Finish();
  EXPECT_EQ(committer_.AdvanceCheckpoint(/*wanted=*/false), Step::kFailed);
  EXPECT_FALSE(committer_.checkpoint_running());
}

}  // namespace
}  // namespace slotwise
