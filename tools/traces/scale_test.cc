// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/scale.h"

#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(ScaleTest, ParsesFractions) {
  EXPECT_EQ(*ParseScale("1/256"), (Scale{1, 256}));
  EXPECT_EQ(*ParseScale("3/4"), (Scale{3, 4}));
  EXPECT_EQ(*ParseScale("1"), (Scale{1, 1}));
  EXPECT_EQ(ParseScale("1/4294967295")->denominator, 4294967295u);
  EXPECT_EQ(ParseScale("1/256")->ToString(), "1/256");
}

TEST(ScaleTest, RefusesWithTheTextItRefuses) {
  for (const char* text : {"", "0", "0/256", "1/0", "2", "3/2", "-1/2", "1/-2", "+1", " 1/2", "1/ 2", "1/2 ", "1/2/3",
                           "/2", "1/", "0.5", "1/4294967296", "x"}) {
    const absl::StatusOr<Scale> scale = ParseScale(text);
    ASSERT_FALSE(scale.ok()) << text;
    EXPECT_NE(scale.status().message().find(absl::string_view(text)), absl::string_view::npos) << scale.status();
  }
}

}  // namespace
}  // namespace slotwise
