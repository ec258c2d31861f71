// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_PAGE_SECTION_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_PAGE_SECTION_H_

#include <string>
#include <vector>

namespace slotwise {

// The parts that a page is put together from, as markup. Each is nothing if what it
// would hold is nothing, so that a page of few data has few sections and none that is empty.

// A drawing under its title; `note` stands beside the title.
std::string PagePanel(const std::string& title, const std::string& note, const std::string& drawing);
// Panels side by side, as many as the page has room for.
std::string PagePanels(const std::string& panels);
// A heading inside a section, and what it heads.
std::string PagePart(const std::string& title, const std::string& content);
// What the colours mean: a swatch of a class and a text for each.
struct PageKey {
  std::string style;
  std::string text;
};
std::string PageLegend(const std::vector<PageKey>& keys);
// `id` is what links lead to; `introduction` is text.
std::string PageSection(const std::string& id, const std::string& title, const std::string& introduction,
                        const std::string& content);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_PAGE_SECTION_H_
