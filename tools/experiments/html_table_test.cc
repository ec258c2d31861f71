// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/html_table.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

using testing::HasSubstr;

TEST(HtmlTableTest, HeadsSayWhatTheyHead) {
  HtmlTable table("Gains & losses", {"scenario", "gain"});
  table.AddRow({{"<zstd>"}, {"1.5", "best"}});
  const std::string markup = table.ToString();
  EXPECT_THAT(markup, HasSubstr("<caption>Gains &amp; losses</caption>"));
  EXPECT_THAT(markup, HasSubstr("<th scope=\"col\">gain</th>"));
  EXPECT_THAT(markup, HasSubstr("<tr><th scope=\"row\">&lt;zstd&gt;</th><td class=\"best\">1.5</td></tr>"));
}

TEST(HtmlTableTest, NothingWithoutRows) { EXPECT_EQ(HtmlTable("x", {"a"}).ToString(), ""); }

TEST(HtmlTableDeathTest, RowsAreAsLongAsTheHeads) { EXPECT_DEATH(HtmlTable("x", {"a"}).AddRow({{"1"}, {"2"}}), ""); }

}  // namespace
}  // namespace slotwise
