// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/markup.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

using std::string_view_literals::operator""sv;

constexpr char kReplacement[] = "\xef\xbf\xbd";

TEST(MarkupTest, EscapesWhatMarkupMeans) {
  EXPECT_EQ(EscapeMarkup("</script> & \"a\" 'b'"), "&lt;/script&gt; &amp; &quot;a&quot; &#39;b&#39;");
}

TEST(MarkupTest, KeepsEveryLengthOfUtf8) {
  const std::string text = "a\t\n\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  EXPECT_EQ(EscapeMarkup(text), text);
}

class UnfitForXml : public testing::TestWithParam<std::string_view> {};

TEST_P(UnfitForXml, BecomesReplacementCharacters) {
  const std::string escaped = EscapeMarkup(std::string("<") + std::string(GetParam()) + ">");
  EXPECT_TRUE(escaped.starts_with(std::string("&lt;") + kReplacement)) << escaped;
  EXPECT_TRUE(escaped.ends_with(std::string(kReplacement) + "&gt;")) << escaped;
}

INSTANTIATE_TEST_SUITE_P(MarkupTest, UnfitForXml,
                         testing::Values("\0"sv, "\x1b"sv, "\x7f"sv, "\xc2\x80"sv,  // controls
                                         "\x80"sv, "\xff"sv, "\xe2\x82"sv,          // no sequence, or cut off
                                         "\xc0\xaf"sv, "\xe0\x80\xaf"sv,            // longer than need be
                                         "\xed\xa0\x80"sv, "\xf4\x90\x80\x80"sv,    // a surrogate; beyond Unicode
                                         "\xef\xbf\xbf"sv));

TEST(MarkupTest, NestsElements) {
  EXPECT_EQ(Element("p", {{"class", "a\"b"}, {"id", ""}}, Element("b", {}, EscapeMarkup("<"))),
            "<p class=\"a&quot;b\"><b>&lt;</b></p>");
  EXPECT_EQ(Element("td", {}), "<td></td>");
}

}  // namespace
}  // namespace slotwise
