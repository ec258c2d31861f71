// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/heat_map.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "tools/experiments/svg.h"

namespace slotwise {
namespace {

// As many as the style sheet has colours.
constexpr int kSteps = 7;
constexpr double kGap = 8;
constexpr double kLineHeight = 20;

int Step(double heat) { return static_cast<int>(std::lround(std::clamp(heat, 0.0, 1.0) * (kSteps - 1))); }

// The names before the cells, the cells, and the values after them.
struct Layout {
  double names = 0;
  double values = 0;
  size_t columns = 0;

  explicit Layout(const std::vector<HeatRow>& rows) {
    for (const HeatRow& row : rows) {
      names = std::max(names, SvgNameWidth(row.name) + kGap);
      if (!row.value.empty()) values = std::max(values, SvgTextWidth(row.value) + kGap);
      columns = std::max(columns, row.cells.size());
    }
  }
};

std::string DrawCell(const HeatCell& cell, const SvgBox& box) {
  const std::string step = cell.heat < 0 ? "none" : absl::StrCat(Step(cell.heat));
  std::string drawn = SvgRectangle(box, absl::StrCat("heat heat-", step), cell.tooltip);
  if (cell.text.empty()) return drawn;
  return drawn + SvgText({box.x + box.width / 2, box.y + box.height / 2 + 4}, SvgAnchor::kMiddle, cell.text,
                         absl::StrCat("heat-text-", step));
}

std::string DrawRow(const HeatMap& map, const HeatRow& row, double x, double y, double end) {
  const double line = y + map.cell_height / 2 + 4;
  std::string drawn = SvgName({x - kGap, line}, SvgAnchor::kEnd, row.name, "name");
  for (const HeatCell& cell : row.cells) {
    drawn += DrawCell(cell, {x, y, map.cell_width - map.gap, map.cell_height - 2});
    x += map.cell_width;
  }
  return row.value.empty() ? drawn : drawn + SvgText({end + kGap, line}, SvgAnchor::kStart, row.value, "value");
}

std::string DrawColumns(const HeatMap& map, double x, double y) {
  std::string drawn;
  for (const std::string& column : map.columns) {
    drawn += SvgText({x + (map.cell_width - map.gap) / 2, y}, SvgAnchor::kMiddle, column, "tick");
    x += map.cell_width;
  }
  return drawn;
}

}  // namespace

std::string HeatMap::Draw() const {
  const Layout layout(rows);
  if (layout.columns == 0) return "";
  const double end = layout.names + cell_width * static_cast<double>(layout.columns);
  std::string drawn;
  double y = 0;
  if (!columns_title.empty()) {
    drawn += SvgText({layout.names, (y += kLineHeight) - 6}, SvgAnchor::kStart, columns_title, "axis-title");
  }
  if (!columns.empty()) drawn += DrawColumns(*this, layout.names, (y += kLineHeight) - 6);
  for (const HeatRow& row : rows) {
    drawn += DrawRow(*this, row, layout.names, y, end);
    y += cell_height;
  }
  return SvgDrawing(end + layout.values, y, label, drawn);
}

}  // namespace slotwise
