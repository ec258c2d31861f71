// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/journal.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/group.h"
#include "rawblock/testing/log_store.h"

namespace slotwise {
namespace {

constexpr uint64_t kBlock = LogStore::kBlock;
constexpr uint64_t kRing = 1 << 20;

class JournalTest : public ::testing::Test {
 protected:
  static Record Removal() { return RemovalRecord(7, Placement(Extent(BlockIndex(1), BlockCount(1)))); }
  // Appends one record whose group fills `blocks` blocks.
  void Fill(uint64_t blocks) {
    for (uint64_t left = blocks * kBlock - sizeof(format::GroupHeader); left > 0;) {
      // The last one takes what is left, which is never too little for a record.
      const uint64_t bytes = left > 1048 ? 1000 : left;
      const std::string key(bytes - sizeof(format::RecordHeader) - sizeof(format::ExtentRecord), 'k');
      Record record = store_.Put(1);
      record.key = key;
      journal_.Append(record);
      left -= bytes;
    }
  }
  bool Commit() {
    const bool started = journal_.StartCommit();
    store_.Finish();
    return started;
  }
  // The group at a byte of the ring.
  std::optional<Group> At(uint64_t offset) {
    return DecodeGroup(format::kJournalMagic, store_.header().salt, store_.ring().subspan(offset));
  }

  LogStore store_;
  Journal journal_{store_.layout(), store_.header().salt, 0, JournalPoint(), 0, store_.device()};
};

TEST_F(JournalTest, WithoutRecordsThereIsNothingToCommit) {
  EXPECT_FALSE(Commit());
  EXPECT_EQ(store_.operations(), "");
}

TEST_F(JournalTest, RecordsAreDurableWhenTheirGroupIsFlushed) {
  EXPECT_EQ(journal_.Append(Removal()).value(), 1u);
  ASSERT_TRUE(journal_.StartCommit());
  EXPECT_EQ(store_.device()->Poll({}), absl::OkStatus());  // the write
  EXPECT_EQ(journal_.durable_end().value(), 1u);
  EXPECT_EQ(store_.device()->Poll({}), absl::OkStatus());  // the flush
  EXPECT_EQ(journal_.durable_end().value(), 2u);
}

TEST_F(JournalTest, RecordsThatGatherShareAGroup) {
  for (int i = 0; i < 3; ++i) journal_.Append(Removal());
  EXPECT_TRUE(Commit());
  ASSERT_TRUE(At(0).has_value());
  EXPECT_EQ(At(0)->sequence, 1u);
  EXPECT_EQ(At(0)->record_count, 3u);
  EXPECT_EQ(journal_.durable_end().value(), 4u);
  EXPECT_FALSE(Commit());
}

TEST_F(JournalTest, GroupsFollowOneAnother) {
  for (const uint64_t blocks : {1, 3, 2}) {
    Fill(blocks);
    EXPECT_TRUE(Commit());
  }
  for (const auto& [block, lsn] : {std::pair{0, 1}, {1, 5}, {4, 18}}) {
    ASSERT_TRUE(At(block * kBlock).has_value()) << block;
    EXPECT_EQ(At(block * kBlock)->sequence, static_cast<uint64_t>(lsn));
  }
  EXPECT_EQ(journal_.groups_written(), 3u);
  EXPECT_EQ(journal_.bytes_written(), 6 * kBlock);
  EXPECT_EQ(journal_.pending_start().position, 6 * kBlock);
  EXPECT_EQ(journal_.pending_start().lsn, journal_.next_lsn());
  EXPECT_EQ(journal_.pending_start().previous, At(4 * kBlock)->checksum);
  EXPECT_EQ(At(4 * kBlock)->previous, At(kBlock)->checksum);
  EXPECT_EQ(At(kBlock)->previous, At(0)->checksum);
  EXPECT_EQ(At(0)->previous, 0u);
}

TEST_F(JournalTest, WhatIsAppendedDuringACommitGoesToTheNextGroup) {
  journal_.Append(Removal());
  ASSERT_TRUE(journal_.StartCommit());
  journal_.Append(Removal());
  EXPECT_FALSE(journal_.StartCommit());
  store_.Finish();
  EXPECT_EQ(At(0)->record_count, 1u);
  EXPECT_EQ(journal_.durable_end().value(), 2u);
  EXPECT_TRUE(Commit());
  EXPECT_EQ(At(kBlock)->sequence, 2u);
}

TEST_F(JournalTest, AGroupIsOfLimitedSize) {
  Fill(64);
  EXPECT_TRUE(Commit());
  EXPECT_EQ(GroupBytes(At(0)->records.size(), kBlock), format::kGroupBytesMax);
  Fill(64);
  journal_.Append(Removal());
  EXPECT_TRUE(Commit());
  EXPECT_GT(journal_.pending_bytes(), 0u);
  EXPECT_TRUE(Commit());
  EXPECT_EQ(journal_.pending_bytes(), 0u);
}

TEST_F(JournalTest, AGroupNeverWraps) {
  Fill(60);
  EXPECT_TRUE(Commit());
  for (int i = 0; i < 3; ++i) {
    Fill(64);
    journal_.MoveTail(journal_.pending_start().position);
    EXPECT_TRUE(Commit());
  }
  journal_.MoveTail(journal_.pending_start().position);
  const uint64_t lsn = journal_.next_lsn().value();
  Fill(5);  // the ring has 4 blocks left
  EXPECT_TRUE(Commit());
  ASSERT_TRUE(At(0).has_value());
  EXPECT_EQ(At(0)->sequence, lsn);
  EXPECT_EQ(journal_.pending_start().position, kRing + 5 * kBlock);
}

TEST_F(JournalTest, AFullRingHasNoRoomUntilItsTailMoves) {
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(journal_.HasRoom());
    Fill(64);
    EXPECT_TRUE(Commit());
  }
  EXPECT_EQ(journal_.used_bytes(), kRing);
  EXPECT_FALSE(journal_.HasRoom());
  journal_.MoveTail(kBlock);
  EXPECT_TRUE(journal_.HasRoom());
  EXPECT_FALSE(journal_.HasRoom(2));
}

TEST_F(JournalTest, WhatIsPromisedTakesABlockUntilItIsRedeemed) {
  for (int i = 0; i < 3; ++i) {
    Fill(64);
    EXPECT_TRUE(Commit());
  }
  for (int i = 0; i < 64; ++i) {
    EXPECT_TRUE(journal_.HasRoom());
    journal_.Promise();
  }
  EXPECT_FALSE(journal_.HasRoom());
  journal_.Redeem();
  EXPECT_TRUE(journal_.HasRoom()) << "it was given up";
}

TEST_F(JournalTest, NothingMoreIsGatheredWhileMuchIsPending) {
  while (journal_.HasRoom()) Fill(1);
  EXPECT_GT(journal_.pending_bytes(), kRing / 16);
  EXPECT_LT(journal_.pending_bytes(), kRing / 16 + 2 * kBlock);
  EXPECT_TRUE(Commit());
  EXPECT_TRUE(journal_.HasRoom());
}

// From every place in the ring, with records of every size, in groups of every size: what has room can be written. The
// tail stays, as behind a checkpoint that never ends, until the ring is full; then it moves, as behind one that does.
TEST_F(JournalTest, WhatHasRoomFitsTheRingFromWhereverItStarts) {
  std::minstd_rand random(20261128);  // NOLINT(cert-msc51-cpp): the same every time
  const auto below = [&random](uint64_t limit) { return random() % limit; };
  for (uint64_t start = 0; start < kRing / kBlock; ++start) {
    SCOPED_TRACE(start);
    Journal journal(store_.layout(), store_.header().salt, {.position = start * kBlock}, start * kBlock,
                    store_.device());
    const auto append = [&] {
      const std::string key(1 + below(format::kKeyBytesMax), 'k');
      Record record = store_.Put(1);
      record.key = key;
      journal.Append(record);
    };
    const auto commit = [&] {
      const bool started = journal.StartCommit();
      store_.Finish();
      return started;
    };
    uint64_t redeemed = 0;
    while (journal.HasRoom()) {
      const uint64_t outstanding = below(400);
      for (uint64_t i = below(300); i > 0 && journal.HasRoom(); --i) below(2) == 0 ? append() : journal.Promise();
      for (; journal.promised() > outstanding; ++redeemed) {
        journal.Redeem();
        if (below(10) > 0) append();
      }
      commit();
    }
    for (; journal.promised() > 0; ++redeemed) {
      journal.Redeem();
      append();
      commit();  // each in a group of its own
    }
    while (commit()) {
    }
    EXPECT_EQ(journal.durable_end(), journal.next_lsn());
    EXPECT_LE(journal.used_bytes(), kRing);
    EXPECT_GT(journal.used_bytes(), kRing / 2) << "the ring is not wasted";
    EXPECT_GT(redeemed, 0u);
    journal.MoveTail(journal.pending_start().position);
    EXPECT_TRUE(journal.HasRoom());
  }
}

TEST_F(JournalTest, PayloadsAreFlushedBeforeTheGroupThatNamesThem) {
  journal_.Append(store_.Put(1));
  EXPECT_TRUE(Commit());
  EXPECT_EQ(store_.operations(), "fwf");
  EXPECT_EQ(journal_.flushes(), 2u);
}

TEST_F(JournalTest, AGroupWithoutPayloadsNeedsNoFlushBefore) {
  journal_.Append(Removal());
  EXPECT_TRUE(Commit());
  EXPECT_EQ(store_.operations(), "wf");
}

TEST_F(JournalTest, TheFlushOfAGroupCoversPayloadsAppendedBeforeIt) {
  journal_.Append(Removal());
  ASSERT_TRUE(journal_.StartCommit());
  journal_.Append(store_.Put(1));  // while the group is written, before it is flushed
  store_.Finish();
  EXPECT_TRUE(Commit());
  EXPECT_EQ(store_.operations(), "wfwf");
}

TEST_F(JournalTest, AFailureIsForEver) {
  for (const char operation : {'w', 'f'}) {
    SCOPED_TRACE(operation);
    LogStore store;
    Journal journal(store.layout(), store.header().salt, 0, JournalPoint(), 0, store.device());
    journal.Append(Removal());
    store.FailAll(operation);
    ASSERT_TRUE(journal.StartCommit());
    store.Finish();
    EXPECT_TRUE(absl::IsDataLoss(journal.status()));
    EXPECT_EQ(journal.durable_end().value(), 1u);
    store.FailAll(0);
    journal.Append(Removal());
    EXPECT_FALSE(journal.StartCommit());
  }
}

}  // namespace
}  // namespace slotwise
