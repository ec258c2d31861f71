// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_CHART_AXIS_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_CHART_AXIS_H_

#include <vector>

namespace slotwise {

// Where values lie along one side of a chart, from 0 at its low end to 1 at its high
// end, and which of them bear a tick. A value.
class ChartAxis {
 public:
  // From `low` to `high`, both moved outward to a round tick.
  static ChartAxis Linear(double low, double high);
  // Doublings are equally long. From the first tick to the last.
  // REQUIRES: `ticks` are positive and ascend.
  static ChartAxis Logarithmic(std::vector<double> ticks);
  // The same from a power of two to a power of two, with a tick at each between.
  // REQUIRES: 0 < low <= high.
  static ChartAxis PowersOfTwo(double low, double high);
  // From 0 to `high`, moved outward to a tick; like Logarithmic well above 1.
  static ChartAxis LogarithmicFromZero(double high);

  // Values beyond an end lie at that end; if there is but one value, it lies in the middle.
  double Place(double value) const;
  // Ascending; at least one.
  const std::vector<double>& ticks() const { return ticks_; }

 private:
  using Warp = double (*)(double);

  ChartAxis(Warp warp, std::vector<double> ticks);

  Warp warp_;
  std::vector<double> ticks_;
  double low_;
  double high_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_CHART_AXIS_H_
