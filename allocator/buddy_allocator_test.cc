// SPDX-License-Identifier: Apache-2.0
#include "allocator/buddy_allocator.h"

#include <vector>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

Placement At(uint64_t start, uint64_t count) { return Placement(Extent(BlockIndex(start), BlockCount(count))); }

TEST(BuddyAllocatorTest, RoundsUpToPowersOfTwoLowestAddressFirst) {
  BuddyAllocator allocator(BlockCount(64));
  EXPECT_EQ(allocator.Allocate(BlockCount(5)), At(0, 8));
  EXPECT_EQ(allocator.Allocate(BlockCount(1)), At(8, 1));
  EXPECT_EQ(allocator.Allocate(BlockCount(16)), At(16, 16));
  EXPECT_EQ(allocator.Allocate(BlockCount(2)), At(10, 2));
  EXPECT_EQ(allocator.free_blocks(), BlockCount(64 - 8 - 1 - 16 - 2));
  allocator.CheckInvariants();
}

TEST(BuddyAllocatorTest, MergesWhatItSplit) {
  BuddyAllocator allocator(BlockCount(64));
  std::vector<Placement> live;
  for (int i = 0; i < 64; ++i) live.push_back(*allocator.Allocate(BlockCount(1)));
  EXPECT_EQ(allocator.Allocate(BlockCount(1)), std::nullopt);
  for (const Placement& placement : live) allocator.Free(placement);
  EXPECT_EQ(allocator.Allocate(BlockCount(64)), At(0, 64));
}

TEST(BuddyAllocatorTest, TakesAnyCapacity) {
  for (uint64_t capacity = 1; capacity < 200; ++capacity) {
    BuddyAllocator allocator{BlockCount(capacity)};
    allocator.CheckInvariants();
    uint64_t taken = 0;
    while (allocator.Allocate(BlockCount(1))) ++taken;
    EXPECT_EQ(taken, capacity);
    allocator.CheckInvariants();
  }
}

TEST(BuddyAllocatorTest, NeverSplitsBelowTheSmallestBlock) {
  BuddyAllocator allocator(BlockCount(100), BlockCount(8));
  EXPECT_EQ(allocator.Allocate(BlockCount(1)), At(64, 8));
  EXPECT_FALSE(allocator.Mark(At(0, 4)));
  EXPECT_FALSE(allocator.Mark(At(96, 4)));
  allocator.CheckInvariants();
}

TEST(BuddyAllocatorTest, ManagesTheLargestSpace) {
  BuddyAllocator allocator(kMaxSpace, BlockCount(1 << 20));
  EXPECT_EQ(allocator.largest_allocation(), BlockCount(uint64_t{1} << 31));
  EXPECT_EQ(allocator.Allocate(allocator.largest_allocation() + BlockCount(1)), std::nullopt);
  EXPECT_TRUE(allocator.Allocate(allocator.largest_allocation()).has_value());
  EXPECT_TRUE(allocator.Allocate(allocator.largest_allocation()).has_value());
  EXPECT_EQ(allocator.free_blocks(), BlockCount(0));
  allocator.CheckInvariants();
}

TEST(BuddyAllocatorTest, MarkTakesOnlyFreeAlignedBlocks) {
  BuddyAllocator allocator(BlockCount(48));
  EXPECT_TRUE(allocator.Mark(At(32, 8)));
  EXPECT_FALSE(allocator.Mark(At(32, 8)));
  EXPECT_FALSE(allocator.Mark(At(32, 16)));
  EXPECT_FALSE(allocator.Mark(At(36, 4)));
  EXPECT_FALSE(allocator.Mark(At(2, 4)));
  EXPECT_FALSE(allocator.Mark(At(0, 3)));
  EXPECT_FALSE(allocator.Mark(At(0, 0)));
  EXPECT_FALSE(allocator.Mark(At(48, 16)));
  EXPECT_FALSE(allocator.Mark(Placement()));
  EXPECT_EQ(allocator.free_blocks(), BlockCount(40));
  allocator.CheckInvariants();
}

TEST(BuddyAllocatorTest, HelpsOnlyWhereTheRequestFits) {
  BuddyAllocator allocator(BlockCount(48));
  ASSERT_TRUE(allocator.Mark(At(0, 4)));
  ASSERT_TRUE(allocator.Mark(At(32, 4)));
  EXPECT_TRUE(allocator.Helps(At(0, 4), BlockCount(32)));
  EXPECT_FALSE(allocator.Helps(At(32, 4), BlockCount(32)));
  EXPECT_TRUE(allocator.Helps(At(32, 4), BlockCount(16)));
  EXPECT_FALSE(allocator.Helps(At(0, 4), BlockCount(33)));
}

TEST(BuddyAllocatorDeathTest, CatchesWhatIsNotLiveAsGiven) {
  BuddyAllocator allocator(BlockCount(64));
  const Placement eight = *allocator.Allocate(BlockCount(8));
  EXPECT_DEATH(allocator.Free(At(0, 4)), "not live");
  EXPECT_DEATH(allocator.Free(At(0, 16)), "not live");
  EXPECT_DEATH(allocator.Free(At(8, 8)), "not live");
  allocator.Free(eight);
  EXPECT_DEATH(allocator.Free(eight), "not live");
}

}  // namespace
}  // namespace slotwise
