// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_LINE_CHART_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_LINE_CHART_H_

#include <string>
#include <vector>

#include "tools/experiments/chart_frame.h"

namespace slotwise {

struct ChartPoint {
  double x = 0;
  double y = 0;
  std::string tooltip{};
};

struct ChartLine {
  std::string name{};
  std::string style{};               // a class that gives the colour, perhaps one more
  std::vector<ChartPoint> points{};  // by ascending x
};

// Lines over one another, each with its name beside its last point.
struct LineChart {
  std::string label{};  // for those who do not see it
  double width = 520;
  double height = 300;  // at least; more names take more
  ChartSide x;
  std::string (*y_tick_label)(double value);
  std::string y_title{};
  std::vector<ChartLine> lines{};
  bool dots = true;                // else the points show only their tooltips
  std::vector<double> dividers{};  // values of x with a vertical line

  // Nothing if there are no points.
  std::string Draw() const;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_LINE_CHART_H_
