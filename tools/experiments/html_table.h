// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_HTML_TABLE_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_HTML_TABLE_H_

#include <string>
#include <vector>

namespace slotwise {

struct HtmlCell {
  std::string text;
  std::string style{};
};

// A table of a page: a head per column, and a head, the first cell, per row. It scrolls
// sideways where the page is narrower.
class HtmlTable {
 public:
  HtmlTable(std::string caption, std::vector<std::string> heads);

  // REQUIRES: as many cells as there are heads.
  void AddRow(const std::vector<HtmlCell>& cells);

  // Markup; nothing if there are no rows.
  std::string ToString() const;

 private:
  std::string caption_;
  std::vector<std::string> heads_;
  std::string rows_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_HTML_TABLE_H_
