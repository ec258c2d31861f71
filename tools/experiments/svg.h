// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_SVG_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_SVG_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace slotwise {

// The shapes that charts are made of, as markup. Coordinates are in pixels, from the
// top left. `style` is a list of classes of the page's style sheet, which knows the
// colours; `tooltip` is shown when the pointer rests on the shape, unless it is empty.

struct SvgPoint {
  double x = 0;
  double y = 0;
};

struct SvgBox {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;

  double right() const { return x + width; }
  double bottom() const { return y + height; }
};

enum class SvgAnchor { kStart, kMiddle, kEnd };

std::string SvgRectangle(const SvgBox& box, const std::string& style, std::string_view tooltip = "");
std::string SvgLine(SvgPoint from, SvgPoint to, const std::string& style, std::string_view tooltip = "");
std::string SvgCircle(SvgPoint centre, double radius, const std::string& style, std::string_view tooltip = "");
// Through `points`, each written by SvgVertex.
std::string SvgPolyline(const std::string& points, const std::string& style);
// One point of a polyline.
std::string SvgVertex(SvgPoint point);
// `at` is the end of the base line that `anchor` says.
std::string SvgText(SvgPoint at, SvgAnchor anchor, std::string_view text, const std::string& style,
                    std::string_view tooltip = "");
// The name of a row or a line, cut off where it is too long to leave room for what it
// names; its tooltip is the whole of it.
std::string SvgName(SvgPoint at, SvgAnchor anchor, std::string_view name, const std::string& style);
// The room that SvgName takes, at most.
double SvgNameWidth(std::string_view name);
// A drawing that scales with the page; `label` is read to those who do not see it.
std::string SvgDrawing(double width, double height, const std::string& label, std::string_view content);

// About how wide `text` is in a chart, rather too wide than too narrow.
double SvgTextWidth(std::string_view text);
// `text`, cut off with an ellipsis where it would be wider than `width`.
std::string SvgTextWithin(std::string_view text, double width);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_SVG_H_
