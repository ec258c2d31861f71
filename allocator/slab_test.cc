// SPDX-License-Identifier: Apache-2.0
#include "allocator/slab.h"

#include "gtest/gtest.h"

namespace slotwise {
namespace {

uint64_t TakeNext(Slab& slab) {
  const uint64_t index = slab.NextFree();
  slab.Take(index);
  return index;
}

TEST(SlabTest, BumpsThenReusesTheLowest) {
  Slab slab({BlockIndex(100), BlockCount(7), 4});
  EXPECT_EQ(TakeNext(slab), 0u);
  EXPECT_EQ(TakeNext(slab), 1u);
  slab.Free(0);
  EXPECT_EQ(TakeNext(slab), 2u);
  EXPECT_EQ(TakeNext(slab), 3u);
  EXPECT_FALSE(slab.full());
  slab.Free(2);
  EXPECT_EQ(TakeNext(slab), 0u);
  EXPECT_EQ(TakeNext(slab), 2u);
  EXPECT_TRUE(slab.full());
  slab.CheckInvariants();
}

TEST(SlabTest, ASlotTakenOutOfOrderIsNotHandedOutAgain) {
  Slab slab({BlockIndex(0), BlockCount(1), 4});
  slab.Take(2);
  EXPECT_EQ(TakeNext(slab), 3u);
  EXPECT_EQ(TakeNext(slab), 0u);
  EXPECT_EQ(TakeNext(slab), 1u);
  EXPECT_TRUE(slab.full());
  slab.CheckInvariants();
}

TEST(SlabTest, ForgetsABorrowedSlotWhenFreed) {
  Slab slab({BlockIndex(0), BlockCount(1), 4});
  slab.Take(0);
  slab.SetBorrowed(0);
  EXPECT_TRUE(slab.IsBorrowed(0));
  slab.Free(0);
  EXPECT_EQ(slab.slots_borrowed(), 0u);
  EXPECT_TRUE(slab.empty());
}

}  // namespace
}  // namespace slotwise
