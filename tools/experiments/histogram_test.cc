// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/histogram.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/number_text.h"

namespace slotwise {
namespace {

using testing::HasSubstr;

Histogram Sizes(std::vector<HistogramBin> bins) {
  return {.label = "sizes",
          .width = 276,
          .height = 172,  // a plot of 200 by 100
          .x_title = "size",
          .x_tick_label = ShortText,
          .y_title = "objects",
          .y_tick_label = ShortText,
          .bins = std::move(bins)};
}

TEST(HistogramTest, BinsStandOnALogarithmicAxis) {
  const std::string drawn = Sizes({{16, 32, 5, "five"}, {32, 64, 10}}).Draw();  // on an axis from 8 to 128
  EXPECT_THAT(drawn, HasSubstr("x=\"102\" y=\"80\" width=\"49\" height=\"50\"><title>five</title>"));
  EXPECT_THAT(drawn, HasSubstr("x=\"152\" y=\"30\" width=\"49\" height=\"100\""));
  EXPECT_THAT(drawn, HasSubstr(">128</text>"));
  EXPECT_THAT(drawn, HasSubstr(">objects</text>"));
}

TEST(HistogramTest, NothingWithoutBins) { EXPECT_EQ(Sizes({}).Draw(), ""); }

TEST(HistogramTest, EmptyBinsHaveNoHeight) {
  EXPECT_THAT(Sizes({{16, 32, 0, "none"}}).Draw(), HasSubstr("height=\"0\"><title>none</title>"));
}

}  // namespace
}  // namespace slotwise
