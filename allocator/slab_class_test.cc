// SPDX-License-Identifier: Apache-2.0
#include "allocator/slab_class.h"

#include "gtest/gtest.h"

namespace slotwise {
namespace {

constexpr BlockCount kSlot(4);
constexpr uint64_t kSegments = 8;

// A class over a space of eight segments of two slots each.
class SlabClassTest : public testing::Test {
 protected:
  SlabSegment& Bind(uint64_t index) {
    return *segments_.Bind(index, 0, {BlockIndex() + BlockCount(8) * index, kSlot, 2});
  }
  void TakeNext(SlabSegment& segment) {
    segment.slab.Take(segment.slab.NextFree());
    slabs_.NoteTaken(&segment);
  }
  void TearDown() override { slabs_.CheckInvariants(); }

  SegmentTable segments_{kSegments};
  SlabClass slabs_{kSlot, PayloadKind::kFull, &segments_, kSegments};
};

TEST_F(SlabClassTest, OrdersSegmentsByTheirLastAllocation) {
  EXPECT_EQ(slabs_.coldest(), nullptr);
  SlabSegment& first = Bind(0);
  SlabSegment& second = Bind(1);
  slabs_.AddUsable(&first);
  slabs_.AddUsable(&second);
  EXPECT_EQ(slabs_.coldest(), &second) << "the last added is the coldest";
  TakeNext(second);
  EXPECT_EQ(slabs_.coldest(), &first);
  TakeNext(first);
  EXPECT_EQ(slabs_.coldest(), &second);
  slabs_.RemoveUsable(&second);
  EXPECT_EQ(slabs_.coldest(), &first);
  EXPECT_EQ(slabs_.usable(), 1u);
}

TEST_F(SlabClassTest, AllocatesFromTheLowestSegmentWithRoom) {
  SlabSegment& low = Bind(3);
  SlabSegment& high = Bind(5);
  slabs_.AddUsable(&high);
  slabs_.AddUsable(&low);
  TakeNext(low);
  EXPECT_EQ(slabs_.lowest_with_room(), &low);
  TakeNext(low);
  EXPECT_EQ(slabs_.lowest_with_room(), &high);
  EXPECT_TRUE(slabs_.Agrees(low));
  low.slab.Free(0);
  EXPECT_FALSE(slabs_.Agrees(low));
  slabs_.NoteRoom(low);
  EXPECT_TRUE(slabs_.Agrees(low));
  EXPECT_EQ(slabs_.lowest_with_room(), &low);
  EXPECT_EQ(slabs_.segments_with_room(), 2u);
  slabs_.RemoveUsable(&low);
  EXPECT_EQ(slabs_.lowest_with_room(), &high);
}

TEST_F(SlabClassTest, ASegmentLeavesTheMiddleOfTheOrder) {
  SlabSegment& low = Bind(0);
  SlabSegment& middle = Bind(1);
  SlabSegment& high = Bind(2);
  for (SlabSegment* segment : {&low, &middle, &high}) slabs_.AddUsable(segment);
  slabs_.RemoveUsable(&middle);
  slabs_.CheckInvariants();
  EXPECT_EQ(slabs_.coldest(), &high);
  TakeNext(high);
  EXPECT_EQ(slabs_.coldest(), &low);
}

}  // namespace
}  // namespace slotwise
