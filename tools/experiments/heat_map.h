// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_HEAT_MAP_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_HEAT_MAP_H_

#include <string>
#include <vector>

namespace slotwise {

struct HeatCell {
  double heat = 0;     // 0 to 1; below 0 nothing is known
  std::string text{};  // in the cell
  std::string tooltip{};
};

struct HeatRow {
  std::string name{};
  std::vector<HeatCell> cells{};
  std::string value{};  // after the cells
};

// Rows of cells, the darker the hotter; on a dark page, the brighter.
struct HeatMap {
  std::string label{};  // for those who do not see it
  double cell_width = 64;
  double cell_height = 26;
  double gap = 2;                      // between cells
  std::vector<std::string> columns{};  // over the cells; may be fewer
  std::string columns_title{};         // over the columns
  std::vector<HeatRow> rows{};

  // Nothing if there are no cells.
  std::string Draw() const;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_HEAT_MAP_H_
