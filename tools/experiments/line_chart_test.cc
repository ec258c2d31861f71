// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/line_chart.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/number_text.h"
#include "tools/experiments/chart_axis.h"

namespace slotwise {
namespace {

using testing::HasSubstr;
using testing::Not;

LineChart Chart(std::vector<ChartLine> lines) {
  return {.label = "hits",
          .x = {ChartAxis::Logarithmic({0.1, 0.2}), ShortPercentText, "capacity"},
          .y_tick_label = ShortPercentText,
          .y_title = "hit ratio",
          .lines = std::move(lines)};
}

TEST(LineChartTest, DrawsLinesDotsNamesAndTooltips) {
  const std::string drawn = Chart({{"lru", "series-0", {{0.1, 0.5, "half"}, {0.2, 0.7, "more"}}}}).Draw();
  EXPECT_THAT(drawn, HasSubstr("<polyline class=\"line series-0\""));
  EXPECT_THAT(drawn, HasSubstr("dot series-0"));
  EXPECT_THAT(drawn, HasSubstr("<title>half</title>"));
  EXPECT_THAT(drawn, HasSubstr(">lru</text>"));
  EXPECT_THAT(drawn, HasSubstr(">hit ratio</text>"));
  EXPECT_THAT(drawn, HasSubstr(">capacity</text>"));
}

TEST(LineChartTest, NothingWithoutPoints) {
  EXPECT_EQ(Chart({}).Draw(), "");
  EXPECT_EQ(Chart({{"lru", "series-0", {}}}).Draw(), "");
}

TEST(LineChartTest, LeavesOutLinesWithoutPoints) {
  EXPECT_THAT(Chart({{"lru", "series-0", {}}, {"fifo", "series-1", {{0.1, 0}}}}).Draw(), Not(HasSubstr("lru")));
}

TEST(LineChartTest, DotsAndDividersAreOptional) {
  LineChart chart = Chart({{"lru", "series-0", {{0.1, 0.5}}}});
  EXPECT_THAT(chart.Draw(), Not(HasSubstr("divider")));
  chart.dots = false;
  chart.dividers = {0.15};
  EXPECT_THAT(chart.Draw(), HasSubstr("divider"));
  EXPECT_THAT(chart.Draw(), Not(HasSubstr("\"dot ")));
}

TEST(LineChartTest, GrowsWithItsNames) {
  const std::vector<ChartLine> lines(40, {"lru", "series-0", {{0.1, 0.5}}});
  EXPECT_THAT(Chart(lines).Draw(), HasSubstr("viewBox=\"0 0 520 712\""));
}

}  // namespace
}  // namespace slotwise
