// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/removals.h"

#include <memory>

#include "allocator/allocator.h"
#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "gtest/gtest.h"
#include "rawblock/disk/lsn.h"
#include "rawblock/log/index.h"

namespace slotwise {
namespace {

class RemovalsTest : public testing::Test {
 protected:
  RemovalsTest()
      : allocator_(CreateAllocator({.engine = AllocatorOptions::Engine::kBuddy}, BlockCount(64)).value()),
        removals_(&index_, allocator_.get()) {}

  EntryId Insert(const char* key) {
    return index_.Insert(key, allocator_->Allocate(BlockCount(8)).value(), /*payload_bytes=*/100, /*checksum=*/1);
  }

  Index index_{1};
  std::unique_ptr<Allocator> allocator_;
  Removals removals_;
};

TEST_F(RemovalsTest, FreesInTheOrderInWhichRecordsBecomeDurable) {
  removals_.Add(Insert("a"), Lsn(5));
  removals_.Add(Insert("b"), Lsn(7));
  EXPECT_FALSE(index_.Find("a").has_value()) << "unreachable at once";
  removals_.FinishDurable(Lsn(5));
  EXPECT_EQ(removals_.freed(), 0u) << "records below 5 are durable, not that at 5";
  removals_.CheckInvariants();
  removals_.FinishDurable(Lsn(6));
  EXPECT_EQ(removals_.freed(), 1u);
  EXPECT_EQ(removals_.awaiting_free(), BlockCount(8));
  EXPECT_EQ(allocator_->free_blocks(), BlockCount(56));
  removals_.FinishDurable(Lsn(8));
  EXPECT_TRUE(removals_.empty());
  EXPECT_EQ(allocator_->free_blocks(), BlockCount(64));
  removals_.CheckInvariants();
}

TEST_F(RemovalsTest, BlocksThatAreReadOrPinnedWaitForTheLastOfThem) {
  const EntryId id = Insert("a");
  index_.entry(id).reads = 1;
  index_.entry(id).pins = 1;
  removals_.Add(id, Lsn(1));
  removals_.FinishDurable(Lsn(2));
  EXPECT_TRUE(removals_.empty());
  index_.entry(id).reads = 0;
  removals_.ReleaseIfUnused(id);
  EXPECT_EQ(removals_.freed(), 0u);
  removals_.CheckInvariants();
  index_.entry(id).pins = 0;
  removals_.ReleaseIfUnused(id);
  EXPECT_EQ(removals_.freed(), 1u);
  EXPECT_EQ(removals_.awaiting_free(), BlockCount(0));
}

TEST_F(RemovalsTest, AReadThatEndsBeforeTheRecordIsDurableFreesNothing) {
  const EntryId id = Insert("a");
  removals_.Add(id, Lsn(1));
  removals_.ReleaseIfUnused(id);
  EXPECT_EQ(removals_.freed(), 0u);
  removals_.CheckInvariants();
}

TEST_F(RemovalsTest, WhatIsPublishedStays) {
  const EntryId id = Insert("a");
  removals_.ReleaseIfUnused(id);
  EXPECT_TRUE(index_.Find("a").has_value());
}

}  // namespace
}  // namespace slotwise
