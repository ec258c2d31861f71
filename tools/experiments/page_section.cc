// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/page_section.h"

#include "absl/strings/str_cat.h"
#include "tools/experiments/markup.h"

namespace slotwise {

std::string PagePanel(const std::string& title, const std::string& note, const std::string& drawing) {
  if (drawing.empty()) return "";
  const std::string beside = note.empty() ? "" : " " + Element("span", {}, EscapeMarkup(note));
  return Element("figure", {}, Element("figcaption", {}, EscapeMarkup(title) + beside) + drawing) + "\n";
}

std::string PagePanels(const std::string& panels) {
  if (panels.empty()) return "";
  return Element("div", {{"class", "panels"}}, "\n" + panels) + "\n";
}

std::string PagePart(const std::string& title, const std::string& content) {
  if (content.empty()) return "";
  return Element("h3", {}, EscapeMarkup(title)) + "\n" + content;
}

std::string PageLegend(const std::vector<PageKey>& keys) {
  std::string items;
  for (const PageKey& key : keys) {
    const std::string swatch = Element("span", {{"class", absl::StrCat("swatch ", key.style)}});
    items += Element("li", {}, swatch + EscapeMarkup(key.text));
  }
  return items.empty() ? "" : Element("ul", {{"class", "legend"}}, items) + "\n";
}

std::string PageSection(const std::string& id, const std::string& title, const std::string& introduction,
                        const std::string& content) {
  if (content.empty()) return "";
  return Element("section", {{"id", id}},
                 absl::StrCat("\n", Element("h2", {}, EscapeMarkup(title)), "\n",
                              Element("p", {}, EscapeMarkup(introduction)), "\n", content)) +
         "\n";
}

}  // namespace slotwise
