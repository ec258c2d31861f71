// SPDX-License-Identifier: Apache-2.0
#include "allocator/slab_class.h"

#include "gtest/gtest.h"

namespace slotwise {
namespace {

constexpr BlockCount kSlot(4);

SlabSegment Segment(uint64_t index) { return {index, 0, Slab({BlockIndex() + BlockCount(8) * index, kSlot, 2})}; }

void TakeNext(SlabClass& slabs, SlabSegment& segment) {
  segment.slab.Take(segment.slab.NextFree());
  slabs.NoteTaken(&segment);
}

TEST(SlabClassTest, OrdersSegmentsByTheirLastAllocation) {
  SlabClass slabs(kSlot, PayloadKind::kFull);
  EXPECT_EQ(slabs.coldest(), nullptr);
  SlabSegment first = Segment(0);
  SlabSegment second = Segment(1);
  slabs.AddUsable(&first);
  slabs.AddUsable(&second);
  EXPECT_EQ(slabs.coldest(), &second) << "the last added is the coldest";
  TakeNext(slabs, second);
  EXPECT_EQ(slabs.coldest(), &first);
  TakeNext(slabs, first);
  EXPECT_EQ(slabs.coldest(), &second);
  slabs.RemoveUsable(&second);
  EXPECT_EQ(slabs.coldest(), &first);
  EXPECT_EQ(slabs.usable(), 1u);
}

TEST(SlabClassTest, AllocatesFromTheLowestSegmentWithRoom) {
  SlabClass slabs(kSlot, PayloadKind::kFull);
  SlabSegment low = Segment(3);
  SlabSegment high = Segment(5);
  slabs.AddUsable(&high);
  slabs.AddUsable(&low);
  TakeNext(slabs, low);
  EXPECT_EQ(slabs.lowest_with_room(), &low);
  TakeNext(slabs, low);
  EXPECT_EQ(slabs.lowest_with_room(), &high);
  EXPECT_TRUE(slabs.Agrees(low));
  low.slab.Free(0);
  EXPECT_FALSE(slabs.Agrees(low));
  slabs.NoteFreed(&low);
  EXPECT_TRUE(slabs.Agrees(low));
  EXPECT_EQ(slabs.lowest_with_room(), &low);
  EXPECT_EQ(slabs.segments_with_room(), 2u);
  slabs.RemoveUsable(&low);
  EXPECT_EQ(slabs.lowest_with_room(), &high);
}

}  // namespace
}  // namespace slotwise
