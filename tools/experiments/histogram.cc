// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/histogram.h"

#include <algorithm>

#include "tools/experiments/chart_axis.h"
#include "tools/experiments/chart_frame.h"
#include "tools/experiments/svg.h"

namespace slotwise {
namespace {

constexpr double kRight = 24;
constexpr double kGap = 1;

double CountMax(const std::vector<HistogramBin>& bins) {
  double most = 0;
  for (const HistogramBin& bin : bins) most = std::max(most, bin.count);
  return most;
}

std::string DrawBin(const ChartFrame& frame, const HistogramBin& bin) {
  const SvgPoint top = frame.Place(bin.from, bin.count);
  const double width = std::max(frame.Place(bin.to, 0).x - top.x - kGap, kGap);
  return SvgRectangle({top.x, top.y, width, frame.plot().bottom() - top.y}, "series-0", bin.tooltip);
}

}  // namespace

std::string Histogram::Draw() const {
  if (bins.empty()) return "";
  const SvgBox plot = {ChartFrame::kLeft, ChartFrame::kAbove, width - ChartFrame::kLeft - kRight,
                       height - ChartFrame::kAbove - ChartFrame::kBelow};
  // Half as much again on both sides, so that one narrow bin is no wall.
  const ChartAxis x = ChartAxis::PowersOfTwo(bins.front().from / 1.5, bins.back().to * 1.5);
  const ChartFrame frame(plot, {x, x_tick_label, x_title},
                         {ChartAxis::Linear(0, CountMax(bins)), y_tick_label, y_title});
  std::string drawn = frame.Draw();
  for (const HistogramBin& bin : bins) drawn += DrawBin(frame, bin);
  return SvgDrawing(width, height, label, drawn);
}

}  // namespace slotwise
