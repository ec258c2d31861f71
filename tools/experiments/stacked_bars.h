// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_STACKED_BARS_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_STACKED_BARS_H_

#include <string>
#include <vector>

namespace slotwise {

struct BarPart {
  double share = 0;  // of the whole bar, 0 to 1
  std::string style{};
  std::string tooltip{};
};

struct StackedBar {
  std::string name{};
  std::string name_style{};
  std::vector<BarPart> parts{};  // from the left
  std::string value{};           // beside the bar
  std::string note{};            // in place of the parts, if there are none
};

// Bars of equal length below one another, each divided into parts, under an axis in percent.
struct StackedBars {
  std::string label{};  // for those who do not see it
  double width = 560;
  std::vector<StackedBar> bars{};

  // Nothing if there are no bars.
  std::string Draw() const;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_STACKED_BARS_H_
