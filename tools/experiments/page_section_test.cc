// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/page_section.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

using testing::HasSubstr;

TEST(PageSectionTest, NothingAroundNothing) {
  EXPECT_EQ(PagePanel("title", "note", ""), "");
  EXPECT_EQ(PagePanels(""), "");
  EXPECT_EQ(PagePart("title", ""), "");
  EXPECT_EQ(PageLegend({}), "");
  EXPECT_EQ(PageSection("id", "title", "text", ""), "");
}

TEST(PageSectionTest, TextIsEscapedAndMarkupIsNot) {
  EXPECT_EQ(PagePanel("a<b", "c&d", "<svg></svg>"),
            "<figure><figcaption>a&lt;b <span>c&amp;d</span></figcaption><svg></svg></figure>\n");
  EXPECT_EQ(PagePart("a<b", "<i></i>"), "<h3>a&lt;b</h3>\n<i></i>");
  EXPECT_THAT(PageSection("x", "a<b", "c&d", "<i></i>"), HasSubstr("<h2>a&lt;b</h2>\n<p>c&amp;d</p>\n<i></i>"));
  EXPECT_THAT(PageLegend({{"payload", "a<b"}}), HasSubstr("<span class=\"swatch payload\"></span>a&lt;b"));
}

}  // namespace
}  // namespace slotwise
