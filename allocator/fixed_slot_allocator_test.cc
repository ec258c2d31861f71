// SPDX-License-Identifier: Apache-2.0
#include "allocator/fixed_slot_allocator.h"

#include "gtest/gtest.h"

namespace slotwise {
namespace {

Placement At(uint64_t start, uint64_t count) { return Placement(Extent(BlockIndex(start), BlockCount(count))); }

TEST(FixedSlotAllocatorTest, HandsOutTheLowestSlot) {
  FixedSlotAllocator allocator(BlockCount(35), BlockCount(10));
  EXPECT_EQ(allocator.Allocate(BlockCount(1)), At(0, 10));
  EXPECT_EQ(allocator.Allocate(BlockCount(10)), At(10, 10));
  EXPECT_EQ(allocator.Allocate(BlockCount(7)), At(20, 10));
  EXPECT_EQ(allocator.Allocate(BlockCount(1)), std::nullopt);
  EXPECT_EQ(allocator.free_blocks(), BlockCount(5));
  allocator.Free(At(20, 10));
  allocator.Free(At(0, 10));
  EXPECT_EQ(allocator.Allocate(BlockCount(1)), At(0, 10));
  allocator.CheckInvariants();
}

TEST(FixedSlotAllocatorTest, RefusesMoreThanASlot) {
  FixedSlotAllocator allocator(BlockCount(35), BlockCount(10));
  EXPECT_EQ(allocator.Allocate(BlockCount(11)), std::nullopt);
  EXPECT_EQ(allocator.largest_allocation(), BlockCount(10));
  const Placement live = *allocator.Allocate(BlockCount(10));
  EXPECT_TRUE(allocator.Helps(live, BlockCount(3)));
  EXPECT_FALSE(allocator.Helps(live, BlockCount(11)));
}

TEST(FixedSlotAllocatorTest, MarksOnlyFreeSlots) {
  FixedSlotAllocator allocator(BlockCount(35), BlockCount(10));
  EXPECT_TRUE(allocator.Mark(At(10, 10)));
  EXPECT_FALSE(allocator.Mark(At(10, 10)));
  EXPECT_FALSE(allocator.Mark(At(5, 10)));
  EXPECT_FALSE(allocator.Mark(At(0, 9)));
  EXPECT_FALSE(allocator.Mark(At(30, 10)));
  EXPECT_FALSE(allocator.Mark(Placement()));
  Placement two = At(0, 10);
  two.Append(Extent(BlockIndex(20), BlockCount(10)));
  EXPECT_FALSE(allocator.Mark(two));
  EXPECT_EQ(allocator.free_blocks(), BlockCount(25));
}

TEST(FixedSlotAllocatorDeathTest, CatchesADoubleFree) {
  FixedSlotAllocator allocator(BlockCount(35), BlockCount(10));
  const Placement live = *allocator.Allocate(BlockCount(10));
  allocator.Free(live);
  EXPECT_DEATH(allocator.Free(live), "not live");
  EXPECT_DEATH(allocator.Free(At(3, 10)), "not live");
}

}  // namespace
}  // namespace slotwise
