// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/chart_frame.h"

#include <limits>
#include <utility>

namespace slotwise {

ChartFrame::ChartFrame(const SvgBox& plot, ChartSide x, ChartSide y)
    : plot_(plot), x_(std::move(x)), y_(std::move(y)) {}

SvgPoint ChartFrame::Place(double x, double y) const {
  return {plot_.x + plot_.width * x_.axis.Place(x), plot_.bottom() - plot_.height * y_.axis.Place(y)};
}

std::string ChartFrame::Draw() const { return DrawY() + DrawX(); }

std::string ChartFrame::DrawX() const {
  constexpr double kGap = 8;
  const double base = plot_.bottom();
  std::string drawn = SvgLine({plot_.x, base}, {plot_.right(), base}, "axis");
  double free_from = -std::numeric_limits<double>::infinity();
  for (const double tick : x_.axis.ticks()) {
    const std::string label = x_.tick_label(tick);
    const double x = plot_.x + plot_.width * x_.axis.Place(tick);
    const double half = SvgTextWidth(label) / 2;
    if (x - half < free_from) continue;
    free_from = x + half + kGap;
    drawn += SvgLine({x, base}, {x, base + 4}, "axis") + SvgText({x, base + 17}, SvgAnchor::kMiddle, label, "tick");
  }
  return drawn + SvgText({plot_.x + plot_.width / 2, base + 36}, SvgAnchor::kMiddle, x_.title, "axis-title");
}

std::string ChartFrame::DrawY() const {
  std::string drawn;
  for (const double tick : y_.axis.ticks()) {
    const double y = plot_.bottom() - plot_.height * y_.axis.Place(tick);
    drawn += SvgLine({plot_.x, y}, {plot_.right(), y}, "grid");
    drawn += SvgText({plot_.x - 8, y + 4}, SvgAnchor::kEnd, y_.tick_label(tick), "tick");
  }
  return drawn + SvgText({0, plot_.y - 16}, SvgAnchor::kStart, y_.title, "axis-title");
}

}  // namespace slotwise
