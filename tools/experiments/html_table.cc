// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/html_table.h"

#include <utility>

#include "glog/logging.h"
#include "tools/experiments/markup.h"

namespace slotwise {

HtmlTable::HtmlTable(std::string caption, std::vector<std::string> heads)
    : caption_(std::move(caption)), heads_(std::move(heads)) {}

void HtmlTable::AddRow(const std::vector<HtmlCell>& cells) {
  CHECK_EQ(cells.size(), heads_.size());
  std::string row = Element("th", {{"scope", "row"}, {"class", cells.front().style}}, EscapeMarkup(cells.front().text));
  for (size_t i = 1; i < cells.size(); ++i) {
    row += Element("td", {{"class", cells[i].style}}, EscapeMarkup(cells[i].text));
  }
  rows_ += Element("tr", {}, row) + "\n";
}

std::string HtmlTable::ToString() const {
  if (rows_.empty()) return "";
  std::string heads;
  for (const std::string& head : heads_) heads += Element("th", {{"scope", "col"}}, EscapeMarkup(head));
  const std::string table = Element("caption", {}, EscapeMarkup(caption_)) +
                            Element("thead", {}, Element("tr", {}, heads)) + Element("tbody", {}, "\n" + rows_);
  return Element("div", {{"class", "scroll"}, {"role", "region"}, {"tabindex", "0"}, {"aria-label", caption_}},
                 Element("table", {}, table)) +
         "\n";
}

}  // namespace slotwise
