// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/range_plot.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tools/base/number_text.h"
#include "tools/experiments/chart_axis.h"
#include "tools/experiments/svg.h"

namespace slotwise {
namespace {

constexpr double kRowHeight = 26;
constexpr double kTop = 28;
constexpr double kBelow = 42;
constexpr double kGap = 10;
constexpr double kValueWidth = 48;
constexpr double kRadius = 5;

double NamesWidth(const std::vector<RangeRow>& rows) {
  double width = 0;
  for (const RangeRow& row : rows) width = std::max(width, SvgNameWidth(row.name));
  return width;
}

double Greatest(const std::vector<RangeRow>& rows) {
  double greatest = 0;
  for (const RangeRow& row : rows) {
    for (const double value : row.values) greatest = std::max(greatest, value);
  }
  return greatest;
}

std::string MarkStyle(size_t mark) { return absl::StrCat("mark mark-", mark); }

std::string DrawLegend(const std::vector<std::string>& marks, double x) {
  std::string drawn;
  for (size_t mark = 0; mark < marks.size(); ++mark) {
    drawn += SvgCircle({x + kRadius, 10}, kRadius, MarkStyle(mark));
    drawn += SvgText({x + 3 * kRadius, 14}, SvgAnchor::kStart, marks[mark], "name");
    x += 5 * kRadius + SvgTextWidth(marks[mark]);
  }
  return drawn;
}

std::string DrawAxis(const ChartAxis& axis, const SvgBox& plot, const std::string& title) {
  std::string drawn;
  for (const double tick : axis.ticks()) {
    const double x = plot.x + plot.width * axis.Place(tick);
    drawn += SvgLine({x, plot.y}, {x, plot.bottom()}, "grid");
    drawn += SvgText({x, plot.bottom() + 16}, SvgAnchor::kMiddle, ShortText(tick), "tick");
  }
  return drawn + SvgText({plot.x + plot.width / 2, plot.bottom() + 36}, SvgAnchor::kMiddle, title, "axis-title");
}

// `plot` is the row's part of the plot. The first mark is drawn last: it is the commonest.
std::string DrawRow(const RangeRow& row, const ChartAxis& axis, const SvgBox& plot) {
  if (row.values.empty()) return "";
  const double y = plot.y + plot.height / 2;
  const auto place = [&](double value) { return SvgPoint{plot.x + plot.width * axis.Place(value), y}; };
  std::string drawn = SvgName({plot.x - kGap, y + 4}, SvgAnchor::kEnd, row.name, absl::StrCat("name ", row.name_style));
  drawn += SvgLine(place(row.values.front()), place(row.values.back()), "range");
  for (size_t mark = row.values.size(); mark-- > 0;) {
    drawn += SvgCircle(place(row.values[mark]), kRadius, MarkStyle(mark), row.tooltips[mark]);
  }
  return drawn + SvgText({plot.right() + kGap, y + 4}, SvgAnchor::kStart, FixedText(row.values.back()),
                         absl::StrCat("value ", row.name_style));
}

}  // namespace

std::string RangePlot::Draw() const {
  if (rows.empty()) return "";
  const double left = NamesWidth(rows) + kGap;
  const SvgBox plot = {left, kTop, width - left - kGap - kValueWidth, kRowHeight * static_cast<double>(rows.size())};
  const ChartAxis axis = ChartAxis::LogarithmicFromZero(Greatest(rows));
  std::string drawn = DrawLegend(marks, left) + DrawAxis(axis, plot, title);
  for (size_t i = 0; i < rows.size(); ++i) {
    drawn += DrawRow(rows[i], axis, {plot.x, plot.y + kRowHeight * static_cast<double>(i), plot.width, kRowHeight});
  }
  return SvgDrawing(width, plot.bottom() + kBelow, label, drawn);
}

}  // namespace slotwise
