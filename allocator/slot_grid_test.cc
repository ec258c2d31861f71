// SPDX-License-Identifier: Apache-2.0
#include "allocator/slot_grid.h"

#include <optional>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(SlotGridTest, KnowsItsSlotsAndNoOthers) {
  const SlotGrid grid{BlockIndex(100), BlockCount(7), 4};
  for (uint64_t index = 0; index < 4; ++index) EXPECT_EQ(grid.IndexOf(grid.ExtentOf(index)), index);
  EXPECT_EQ(grid.ExtentOf(3), Extent(BlockIndex(121), BlockCount(7)));
  EXPECT_EQ(grid.IndexOf(Extent(BlockIndex(128), BlockCount(7))), std::nullopt);
  EXPECT_EQ(grid.IndexOf(Extent(BlockIndex(93), BlockCount(7))), std::nullopt);
  EXPECT_EQ(grid.IndexOf(Extent(BlockIndex(101), BlockCount(7))), std::nullopt);
  EXPECT_EQ(grid.IndexOf(Extent(BlockIndex(100), BlockCount(6))), std::nullopt);
}

}  // namespace
}  // namespace slotwise
