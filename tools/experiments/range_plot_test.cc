// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/range_plot.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

using testing::HasSubstr;

TEST(RangePlotTest, DrawsEveryMarkOfEveryRow) {
  const RangePlot plot = {.label = "bursts",
                          .title = "bytes",
                          .marks = {"p50", "max"},
                          .rows = {{.name = "extent", .values = {0, 1.25}, .tooltips = {"half", "most"}}}};
  const std::string drawn = plot.Draw();
  for (const char* text : {"bytes", "p50", "max", "extent", "1.25"}) {
    EXPECT_THAT(drawn, HasSubstr(std::string(">") + text + "</text>"));
  }
  EXPECT_THAT(drawn, HasSubstr("<title>half</title>"));
  EXPECT_THAT(drawn, HasSubstr("<title>most</title>"));
}

TEST(RangePlotTest, NothingWithoutRows) { EXPECT_EQ(RangePlot{.label = "bursts"}.Draw(), ""); }

TEST(RangePlotTest, RowsMayBeEmpty) {
  EXPECT_THAT((RangePlot{.label = "bursts", .rows = {{.name = "x", .values = {}, .tooltips = {}}}}.Draw()),
              HasSubstr("<svg"));
}

}  // namespace
}  // namespace slotwise
