// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_TEXT_TABLE_H_
#define SLOTWISE_TOOLS_BASE_TEXT_TABLE_H_

#include <string>
#include <vector>

namespace slotwise {

// Rows of cells for people: the first column is left-aligned, the others
// right-aligned, each as wide as its widest cell, two spaces apart.
class TextTable {
 public:
  // REQUIRES: as many cells as the first row had.
  void AddRow(std::vector<std::string> cells);

  // One line per row, without trailing spaces.
  std::string ToString() const;

 private:
  std::vector<std::vector<std::string>> rows_;
  std::vector<size_t> widths_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_TEXT_TABLE_H_
