// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/stacked_bars.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(StackedBarsTest, PartsFollowOneAnother) {
  const std::string drawn =
      StackedBars{.label = "space",
                  .width = 164,  // of which 92 are the bar's
                  .bars = {{.name = "", .parts = {{0.25, "payload", "a"}, {0.5, "free", "b"}}, .value = "25 %"}}}
          .Draw();
  EXPECT_THAT(drawn, HasSubstr("class=\"payload\" x=\"8\" y=\"10\" width=\"23\""));
  EXPECT_THAT(drawn, HasSubstr("class=\"free\" x=\"31\" y=\"10\" width=\"46\""));
  EXPECT_THAT(drawn, HasSubstr("<title>b</title>"));
  EXPECT_THAT(drawn, HasSubstr(">25 %</text>"));
}

TEST(StackedBarsTest, SaysWhyThereAreNoParts) {
  const std::string reason = "a segment of 16 MiB holds no slot of 80 MiB, so that nothing could ever be placed here";
  const std::string drawn =
      StackedBars{.label = "space", .bars = {{.name = "slab", .parts = {}, .note = reason}}}.Draw();
  EXPECT_THAT(drawn, HasSubstr("a segment of 16"));
  EXPECT_THAT(drawn, HasSubstr("<title>" + reason + "</title>"));
  EXPECT_THAT(drawn, Not(HasSubstr("<rect")));
}

TEST(StackedBarsTest, NothingWithoutBars) { EXPECT_EQ(StackedBars{.label = "space"}.Draw(), ""); }

}  // namespace
}  // namespace slotwise
