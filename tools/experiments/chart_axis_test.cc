// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/chart_axis.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::Pointwise;

TEST(ChartAxisTest, LinearEndsAtRoundTicks) {
  const ChartAxis axis = ChartAxis::Linear(0.31, 0.98);
  EXPECT_THAT(axis.ticks(), Pointwise(DoubleEq(), std::vector<double>{0.2, 0.4, 0.6, 0.8, 1.0}));
  EXPECT_DOUBLE_EQ(axis.Place(0.2), 0);
  EXPECT_DOUBLE_EQ(axis.Place(0.6), 0.5);
  EXPECT_DOUBLE_EQ(axis.Place(1), 1);
}

TEST(ChartAxisTest, LinearDoesNotExceedATickByTheLastDigit) {
  EXPECT_THAT(ChartAxis::Linear(0, 0.3).ticks(),
              Pointwise(DoubleEq(), std::vector<double>{0, 0.1, 0.2, 0.30000000000000004}));
}

TEST(ChartAxisTest, LinearOfOneValueHasALength) {
  for (const double value : {0.0, 1.0, -3.0, 1e12}) {
    const ChartAxis axis = ChartAxis::Linear(value, value);
    EXPECT_GE(axis.ticks().size(), 2u) << value;
    EXPECT_GE(axis.Place(value), 0) << value;
    EXPECT_LE(axis.Place(value), 1) << value;
  }
}

TEST(ChartAxisTest, LogarithmicPlacesDoublingsEquallyFarApart) {
  const ChartAxis axis = ChartAxis::Logarithmic({0.1, 0.2, 0.4, 0.8});
  EXPECT_NEAR(axis.Place(0.2), 1.0 / 3, 1e-12);
  EXPECT_NEAR(axis.Place(0.4), 2.0 / 3, 1e-12);
  EXPECT_EQ(axis.Place(0), 0);
  EXPECT_EQ(axis.Place(9), 1);
  EXPECT_EQ(ChartAxis::Logarithmic({0.1}).Place(0.1), 0.5);
}

TEST(ChartAxisTest, PowersOfTwoEncloseTheirValues) {
  EXPECT_THAT(ChartAxis::PowersOfTwo(5, 17).ticks(), ElementsAre(4, 8, 16, 32));
  EXPECT_THAT(ChartAxis::PowersOfTwo(8, 8).ticks(), ElementsAre(8));
}

TEST(ChartAxisTest, LogarithmicFromZeroHoldsZero) {
  const ChartAxis axis = ChartAxis::LogarithmicFromZero(3);
  EXPECT_THAT(axis.ticks(), ElementsAre(0, 1, 2, 4));
  EXPECT_EQ(axis.Place(0), 0);
  EXPECT_EQ(axis.Place(4), 1);
  EXPECT_THAT(ChartAxis::LogarithmicFromZero(0).ticks(), ElementsAre(0, 1));
}

}  // namespace
}  // namespace slotwise
