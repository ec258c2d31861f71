// SPDX-License-Identifier: Apache-2.0
#include "allocator/hierarchical_bitmap.h"

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

using Initial = HierarchicalBitmap::Initial;

std::optional<uint64_t> LowestFrom(const std::set<uint64_t>& set, uint64_t from) {
  const auto found = set.lower_bound(from);
  return found == set.end() ? std::nullopt : std::optional(*found);
}

RC_GTEST_PROP(HierarchicalBitmapTest, BehavesLikeASet, ()) {
  const auto size = *rc::gen::weightedOneOf<uint64_t>(
      {{1, rc::gen::inRange<uint64_t>(1, 130)}, {1, rc::gen::inRange<uint64_t>(4000, 9000)}});
  const bool initially_set = *rc::gen::arbitrary<bool>();
  HierarchicalBitmap bitmap(size, initially_set ? Initial::kSet : Initial::kClear);
  std::set<uint64_t> model;
  for (uint64_t i = 0; initially_set && i < size; ++i) model.insert(model.end(), i);

  const auto flips = *rc::gen::container<std::vector<uint64_t>>(rc::gen::inRange<uint64_t>(0, size));
  for (uint64_t index : flips) {
    RC_ASSERT(bitmap.Test(index) == model.contains(index));
    if (model.erase(index) > 0) {
      bitmap.Clear(index);
    } else {
      bitmap.Set(index);
      model.insert(index);
    }
    RC_ASSERT(bitmap.count() == model.size());
    RC_ASSERT(bitmap.FindFirst() == LowestFrom(model, 0));
    RC_ASSERT(bitmap.FindFirst(index) == LowestFrom(model, index));
    RC_ASSERT(bitmap.FindFirst(index + 1) == LowestFrom(model, index + 1));
  }
  bitmap.CheckInvariants();
}

TEST(HierarchicalBitmapTest, EmptiesAndRefillsFromEitherStart) {
  for (Initial initial : {Initial::kClear, Initial::kSet}) {
    for (uint64_t size : {1, 63, 64, 65, 4095, 4096, 4097, 262145}) {
      HierarchicalBitmap bitmap(size, initial);
      if (initial == Initial::kClear) {
        for (uint64_t i = 0; i < size; ++i) bitmap.Set(i);
      }
      for (uint64_t i = 0; i < size; ++i) {
        ASSERT_EQ(bitmap.FindFirst(), i);
        bitmap.Clear(i);
      }
      EXPECT_EQ(bitmap.FindFirst(), std::nullopt);
      EXPECT_EQ(bitmap.count(), 0u);
      bitmap.CheckInvariants();
    }
  }
}

TEST(HierarchicalBitmapTest, HoldsTheLargestSpaceUntouched) {
  HierarchicalBitmap bitmap(uint64_t{1} << 32, Initial::kSet);
  EXPECT_EQ(bitmap.FindFirst(), 0u);
  bitmap.Clear(0);
  EXPECT_EQ(bitmap.FindFirst(), 1u);
  EXPECT_EQ(bitmap.FindFirst((uint64_t{1} << 32) - 1), (uint64_t{1} << 32) - 1);
}

TEST(HierarchicalBitmapTest, Moves) {
  HierarchicalBitmap from(100);
  from.Set(70);
  const HierarchicalBitmap to = std::move(from);
  EXPECT_EQ(to.FindFirst(), 70u);
}

TEST(HierarchicalBitmapDeathTest, RefusesWhatWouldNotChangeOrDoesNotExist) {
  HierarchicalBitmap bitmap(10);
  bitmap.Set(3);
  EXPECT_DEATH(bitmap.Set(3), "set already");
  EXPECT_DEATH(bitmap.Clear(4), "clear already");
  EXPECT_DEATH(bitmap.Test(10), "no such bit");
}

}  // namespace
}  // namespace slotwise
