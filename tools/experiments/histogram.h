// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_HISTOGRAM_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_HISTOGRAM_H_

#include <string>
#include <vector>

namespace slotwise {

struct HistogramBin {
  double from = 0;  // positive
  double to = 0;
  double count = 0;
  std::string tooltip{};
};

// How often values lie in each bin, over a logarithmic axis.
struct Histogram {
  std::string label{};  // for those who do not see it
  double width = 520;
  double height = 220;
  std::string x_title{};
  std::string (*x_tick_label)(double value) = nullptr;
  std::string y_title{};
  std::string (*y_tick_label)(double value) = nullptr;
  std::vector<HistogramBin> bins{};  // ascending

  // Nothing if there are no bins.
  std::string Draw() const;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_HISTOGRAM_H_
