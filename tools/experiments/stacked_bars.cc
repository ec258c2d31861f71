// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/stacked_bars.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tools/base/number_text.h"
#include "tools/experiments/chart_axis.h"
#include "tools/experiments/svg.h"

namespace slotwise {
namespace {

constexpr double kRowHeight = 24;
constexpr double kBarHeight = 16;
constexpr double kTop = 6;
constexpr double kBelow = 24;
constexpr double kGap = 8;
constexpr double kValueWidth = 56;

double NamesWidth(const std::vector<StackedBar>& bars) {
  double width = 0;
  for (const StackedBar& bar : bars) width = std::max(width, SvgNameWidth(bar.name));
  return width;
}

std::string DrawGrid(const SvgBox& plot) {
  std::string drawn;
  const ChartAxis axis = ChartAxis::Linear(0, 1);
  for (const double tick : axis.ticks()) {
    const double x = plot.x + plot.width * tick;
    drawn += SvgLine({x, plot.y}, {x, plot.bottom()}, "grid");
    drawn += SvgText({x, plot.bottom() + 16}, SvgAnchor::kMiddle, ShortPercentText(tick), "tick");
  }
  return drawn;
}

std::string DrawParts(const StackedBar& bar, const SvgBox& box) {
  std::string drawn;
  double x = box.x;
  for (const BarPart& part : bar.parts) {
    const double width = box.width * std::clamp(part.share, 0.0, 1.0);
    drawn += SvgRectangle({x, box.y, width, box.height}, part.style, part.tooltip);
    x += width;
  }
  return drawn;
}

// `box` is where the parts go; the texts go to its sides.
std::string DrawBar(const StackedBar& bar, const SvgBox& box) {
  const double line = box.y + box.height / 2 + 4;
  const std::string name =
      SvgName({box.x - kGap, line}, SvgAnchor::kEnd, bar.name, absl::StrCat("name ", bar.name_style));
  if (bar.parts.empty()) {
    const double room = box.width + kGap + kValueWidth;
    return name + SvgText({box.x + 4, line}, SvgAnchor::kStart, SvgTextWithin(bar.note, room), "note", bar.note);
  }
  return name + DrawParts(bar, box) +
         SvgText({box.right() + kGap, line}, SvgAnchor::kStart, bar.value, absl::StrCat("value ", bar.name_style));
}

}  // namespace

std::string StackedBars::Draw() const {
  if (bars.empty()) return "";
  const double left = NamesWidth(bars) + kGap;
  const SvgBox plot = {left, kTop, width - left - kGap - kValueWidth, kRowHeight * static_cast<double>(bars.size())};
  std::string drawn = DrawGrid(plot);
  double y = plot.y + (kRowHeight - kBarHeight) / 2;
  for (const StackedBar& bar : bars) {
    drawn += DrawBar(bar, {plot.x, y, plot.width, kBarHeight});
    y += kRowHeight;
  }
  return SvgDrawing(width, plot.bottom() + kBelow, label, drawn);
}

}  // namespace slotwise
