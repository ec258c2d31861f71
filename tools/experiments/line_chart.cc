// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/line_chart.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "tools/experiments/label_spread.h"

namespace slotwise {
namespace {

constexpr double kLabelHeight = 16;
// From the plot to the names: the leaders that join them to their lines.
constexpr double kLeader = 22;
constexpr double kDotRadius = 3;
constexpr double kHoverRadius = 5;

// From the least to the greatest y; none without points.
std::optional<ChartAxis> AxisOfY(const std::vector<ChartLine>& lines) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const ChartLine& line : lines) {
    for (const ChartPoint& point : line.points) {
      low = std::min(low, point.y);
      high = std::max(high, point.y);
    }
  }
  if (low > high) return std::nullopt;
  return ChartAxis::Linear(low, high);
}

double NamesWidth(const std::vector<ChartLine>& lines) {
  double width = 0;
  for (const ChartLine& line : lines) width = std::max(width, SvgNameWidth(line.name));
  return width;
}

std::string DrawPath(const ChartFrame& frame, const ChartLine& line) {
  std::string points;
  for (const ChartPoint& point : line.points) points += SvgVertex(frame.Place(point.x, point.y));
  return SvgPolyline(points, absl::StrCat("line ", line.style));
}

std::string DrawPoints(const ChartFrame& frame, const ChartLine& line, bool dots) {
  std::string drawn;
  for (const ChartPoint& point : line.points) {
    const SvgPoint at = frame.Place(point.x, point.y);
    if (dots) drawn += SvgCircle(at, kDotRadius, absl::StrCat("dot ", line.style));
    drawn += SvgCircle(at, kHoverRadius, "hover", point.tooltip);
  }
  return drawn;
}

// The names, and leaders from the lines' ends to them.
std::string DrawNames(const ChartFrame& frame, const std::vector<const ChartLine*>& lines) {
  std::vector<double> wanted;
  wanted.reserve(lines.size());
  for (const ChartLine* line : lines) wanted.push_back(frame.Place(line->points.back().x, line->points.back().y).y);
  const std::vector<double> places = SpreadLabels(wanted, kLabelHeight, frame.plot().y, frame.plot().bottom());
  std::string drawn;
  for (size_t i = 0; i < lines.size(); ++i) {
    const double end = frame.Place(lines[i]->points.back().x, 0).x;
    const double name = frame.plot().right() + kLeader;
    drawn += SvgLine({end + 4, wanted[i]}, {name - 4, places[i]}, absl::StrCat("leader ", lines[i]->style));
    drawn += SvgName({name, places[i] + 4}, SvgAnchor::kStart, lines[i]->name, "name");
  }
  return drawn;
}

std::string DrawDividers(const ChartFrame& frame, const std::vector<double>& dividers) {
  std::string drawn;
  for (const double x : dividers) {
    const double at = frame.Place(x, 0).x;
    drawn += SvgLine({at, frame.plot().y}, {at, frame.plot().bottom()}, "divider");
  }
  return drawn;
}

std::vector<const ChartLine*> WithPoints(const std::vector<ChartLine>& lines) {
  std::vector<const ChartLine*> chosen;
  for (const ChartLine& line : lines) {
    if (!line.points.empty()) chosen.push_back(&line);
  }
  return chosen;
}

}  // namespace

std::string LineChart::Draw() const {
  const std::optional<ChartAxis> y = AxisOfY(lines);
  if (!y.has_value()) return "";
  const std::vector<const ChartLine*> drawable = WithPoints(lines);
  const double around = ChartFrame::kAbove + ChartFrame::kBelow;
  const double tall = std::max(height, around + kLabelHeight * static_cast<double>(drawable.size()));
  const double wide = width - ChartFrame::kLeft - kLeader - NamesWidth(lines);
  const ChartFrame frame({ChartFrame::kLeft, ChartFrame::kAbove, wide, tall - around}, x, {*y, y_tick_label, y_title});
  std::string drawn = frame.Draw() + DrawDividers(frame, dividers);
  for (const ChartLine* line : drawable) drawn += DrawPath(frame, *line);
  for (const ChartLine* line : drawable) drawn += DrawPoints(frame, *line, dots);
  return SvgDrawing(width, tall, label, drawn + DrawNames(frame, drawable));
}

}  // namespace slotwise
