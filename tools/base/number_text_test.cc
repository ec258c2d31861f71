// SPDX-License-Identifier: Apache-2.0
#include "tools/base/number_text.h"

#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(NumberTextTest, CountsHaveThousands) {
  EXPECT_EQ(CountText(0), "0");
  EXPECT_EQ(CountText(999), "999");
  EXPECT_EQ(CountText(262899), "262,899");
  EXPECT_EQ(CountText(1234567), "1,234,567");
}

TEST(NumberTextTest, TicksAreCompact) {
  EXPECT_EQ(CompactText(0), "0");
  EXPECT_EQ(CompactText(250), "250");
  EXPECT_EQ(CompactText(1500), "1.5k");
  EXPECT_EQ(CompactText(2000000), "2M");
}

TEST(NumberTextTest, PercentsAreRounded) {
  EXPECT_EQ(PercentText(0.98765), "98.77 %");
  EXPECT_EQ(PercentText(1, 0), "100 %");
  EXPECT_EQ(ShortPercentText(0.05), "5 %");
  EXPECT_EQ(ShortPercentText(0.07 + 0.0550), "12.5 %");
}

TEST(NumberTextTest, ZeroHasNoSign) {
  EXPECT_EQ(FixedText(-0.001), "0.00");
  EXPECT_EQ(FixedText(-0.5, 1), "-0.5");
  EXPECT_EQ(ShortText(-1e-9), "0");
  EXPECT_EQ(ShortText(0.5), "0.5");
}

}  // namespace
}  // namespace slotwise
