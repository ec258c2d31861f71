// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_CHART_FRAME_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_CHART_FRAME_H_

#include <string>

#include "tools/experiments/chart_axis.h"
#include "tools/experiments/svg.h"

namespace slotwise {

// What stands along one side of a chart.
struct ChartSide {
  ChartAxis axis;
  std::string (*tick_label)(double value);
  std::string title{};
};

// The rectangle that a chart plots into: where values lie in it, its grid and its labels.
class ChartFrame {
 public:
  // What the labels take around the plot.
  static constexpr double kAbove = 30;
  static constexpr double kBelow = 42;
  static constexpr double kLeft = 52;

  ChartFrame(const SvgBox& plot, ChartSide x, ChartSide y);

  const SvgBox& plot() const { return plot_; }
  SvgPoint Place(double x, double y) const;

  // Grid, ticks and titles, to be drawn before the marks. Of tick labels that would
  // touch, the first is shown.
  std::string Draw() const;

 private:
  std::string DrawX() const;
  std::string DrawY() const;

  SvgBox plot_;
  ChartSide x_;
  ChartSide y_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_CHART_FRAME_H_
