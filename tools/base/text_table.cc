// SPDX-License-Identifier: Apache-2.0
#include "tools/base/text_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "glog/logging.h"

namespace slotwise {

void TextTable::AddRow(std::vector<std::string> cells) {
  if (rows_.empty()) widths_.resize(cells.size());
  CHECK_EQ(cells.size(), widths_.size());
  for (size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], cells[i].size());
  rows_.push_back(std::move(cells));
}

std::string TextTable::ToString() const {
  std::string text;
  for (const std::vector<std::string>& row : rows_) {
    std::string line = absl::StrFormat("%-*s", widths_[0], row[0]);
    for (size_t i = 1; i < row.size(); ++i) absl::StrAppendFormat(&line, "  %*s", widths_[i], row[i]);
    absl::StripTrailingAsciiWhitespace(&line);
    absl::StrAppend(&text, line, "\n");
  }
  return text;
}

}  // namespace slotwise
