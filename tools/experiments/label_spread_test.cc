// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/label_spread.h"

#include <algorithm>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

using testing::ElementsAre;

TEST(LabelSpreadTest, LeavesLabelsThatHaveRoom) {
  EXPECT_THAT(SpreadLabels({50, 10, 90}, 10, 0, 100), ElementsAre(50, 10, 90));
  EXPECT_THAT(SpreadLabels({}, 10, 0, 100), ElementsAre());
}

TEST(LabelSpreadTest, MovesLabelsThatWouldTouch) {
  EXPECT_THAT(SpreadLabels({50, 52}, 10, 0, 100), ElementsAre(46, 56));
  EXPECT_THAT(SpreadLabels({100, 100, 0}, 10, 0, 100), ElementsAre(90, 100, 0));
  EXPECT_THAT(SpreadLabels({1, 2, 3}, 10, 0, 100), ElementsAre(0, 10, 20));
}

TEST(LabelSpreadTest, GroupsThatComeToTouchAreOne) {
  EXPECT_THAT(SpreadLabels({50, 50, 56, 56}, 10, 0, 100), ElementsAre(38, 48, 58, 68));
}

TEST(LabelSpreadTest, TooManyBeginAtTheLowEnd) {
  EXPECT_THAT(SpreadLabels({5, 5, 5}, 10, 0, 15), ElementsAre(0, 10, 20));
}

RC_GTEST_PROP(LabelSpreadTest, KeepsGapsOrderAndLimits, ()) {
  const auto wanted = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1000));
  const std::vector<double> values(wanted.begin(), wanted.end());
  const std::vector<double> places = SpreadLabels(values, 5, 0, 1000);
  for (size_t i = 0; i < places.size(); ++i) {
    RC_ASSERT(places[i] >= 0 && places[i] <= 1000);
    for (size_t j = 0; j < places.size(); ++j) {
      if (wanted[i] < wanted[j]) RC_ASSERT(places[j] - places[i] >= 5 - 1e-9);
    }
  }
}

}  // namespace
}  // namespace slotwise
