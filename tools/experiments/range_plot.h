// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_RANGE_PLOT_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_RANGE_PLOT_H_

#include <string>
#include <vector>

namespace slotwise {

struct RangeRow {
  std::string name{};
  std::string name_style{};
  std::vector<double> values{};         // one per mark of the plot, ascending, none negative
  std::vector<std::string> tooltips{};  // one per mark
};

// Where a few marks of a distribution lie, say its percentiles: a row of dots for each
// of the distributions that are compared, over an axis from 0 that is logarithmic above 1.
struct RangePlot {
  std::string label{};  // for those who do not see it
  double width = 560;
  std::string title{};               // of the axis
  std::vector<std::string> marks{};  // "p50", ...; each has the class "mark-" and its number
  std::vector<RangeRow> rows{};

  // Nothing if there are no rows.
  std::string Draw() const;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_RANGE_PLOT_H_
