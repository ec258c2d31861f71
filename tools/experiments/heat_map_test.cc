// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/heat_map.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(HeatMapTest, ColoursAndLabelsCells) {
  const HeatMap map = {.label = "share",
                       .columns = {"0 %", "5 %"},
                       .columns_title = "Partial share",
                       .rows = {{"zstd", {{0, "0.1", "cold"}, {1, "2.5"}, {-1}}, "all"}}};
  const std::string drawn = map.Draw();
  EXPECT_THAT(drawn, HasSubstr("heat heat-0"));
  EXPECT_THAT(drawn, HasSubstr("heat heat-6"));
  EXPECT_THAT(drawn, HasSubstr("heat heat-none"));
  EXPECT_THAT(drawn, HasSubstr("<title>cold</title>"));
  for (const char* text : {"0.1", "2.5", "5 %", "Partial share", "zstd", "all"}) {
    EXPECT_THAT(drawn, HasSubstr(std::string(">") + text + "</text>"));
  }
}

TEST(HeatMapTest, HeatBeyondTheScaleIsItsEnd) {
  EXPECT_THAT((HeatMap{.label = "", .rows = {{"", {{17}}}}}.Draw()), HasSubstr("heat-6"));
}

TEST(HeatMapTest, CellsNeedNoText) {
  EXPECT_THAT((HeatMap{.label = "", .rows = {{"", {{1}}}}}.Draw()), Not(HasSubstr("heat-text")));
}

TEST(HeatMapTest, NothingWithoutCells) {
  EXPECT_EQ(HeatMap{.label = ""}.Draw(), "");
  EXPECT_EQ((HeatMap{.label = "", .rows = {{"zstd", {}}}}.Draw()), "");
}

}  // namespace
}  // namespace slotwise
