// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/svg.h"

#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(SvgTest, ShapesCarryStyleAndTooltip) {
  EXPECT_EQ(SvgRectangle({1, 2.04, 3.333, 1e3}, "a b", "<1"),
            "<rect class=\"a b\" x=\"1\" y=\"2\" width=\"3.3\" height=\"1000\"><title>&lt;1</title></rect>");
  EXPECT_EQ(SvgCircle({-0.01, 0.26}, 5, ""), "<circle cx=\"0\" cy=\"0.3\" r=\"5\"></circle>");
  EXPECT_EQ(SvgLine({0, 1}, {2, 3}, "x"), "<line class=\"x\" x1=\"0\" y1=\"1\" x2=\"2\" y2=\"3\"></line>");
  EXPECT_EQ(SvgPolyline(SvgVertex({1, 2}) + SvgVertex({3, 4}), "line"),
            "<polyline class=\"line\" points=\"1,2 3,4 \"></polyline>");
}

TEST(SvgTest, TextIsEscapedAndAnchored) {
  EXPECT_EQ(SvgText({1, 2}, SvgAnchor::kStart, "a&b", "t"), "<text class=\"t\" x=\"1\" y=\"2\">a&amp;b</text>");
  EXPECT_EQ(SvgText({1, 2}, SvgAnchor::kEnd, "a", "t"),
            "<text class=\"t\" x=\"1\" y=\"2\" text-anchor=\"end\">a</text>");
}

TEST(SvgTest, DrawingsScaleAndSayWhatTheyShow) {
  EXPECT_EQ(SvgDrawing(10, 20.4, "\"x\"", "<g></g>"),
            "<svg viewBox=\"0 0 10 20\" width=\"10\" height=\"20.4\" role=\"img\" aria-label=\"&quot;x&quot;\">"
            "<g></g></svg>");
}

TEST(SvgTest, TextIsCutOffBetweenCharacters) {
  const std::string text = "h\xc3\xa9llo";
  EXPECT_EQ(SvgTextWidth(text), SvgTextWidth("hello"));
  EXPECT_EQ(SvgTextWithin(text, SvgTextWidth(text)), text);
  EXPECT_EQ(SvgTextWithin(text, SvgTextWidth("abc")), "h\xc3\xa9\u2026");
  EXPECT_EQ(SvgTextWithin(text, 0), "\u2026");
}

TEST(SvgTest, LongNamesAreCutOffButTold) {
  EXPECT_EQ(SvgName({0, 0}, SvgAnchor::kStart, "slab", "n"), SvgText({0, 0}, SvgAnchor::kStart, "slab", "n"));
  const std::string name(100, 'x');
  const std::string drawn = SvgName({0, 0}, SvgAnchor::kStart, name, "n");
  EXPECT_NE(drawn.find("<title>" + name + "</title>"), std::string::npos);
  EXPECT_NE(drawn.find("xxx\u2026<title>"), std::string::npos);
  EXPECT_LT(SvgNameWidth(name), SvgTextWidth(name));
}

}  // namespace
}  // namespace slotwise
