// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_MARKUP_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_MARKUP_H_

#include <initializer_list>
#include <string>
#include <string_view>

namespace slotwise {

// HTML and SVG, written so that parsers of HTML and of XML read the same. Strings that
// hold markup are made here or of such strings; every other text passes EscapeMarkup.

// `text` as it may stand between tags and in attributes. What XML cannot hold, control
// characters and bytes that are no UTF-8, becomes U+FFFD.
std::string EscapeMarkup(std::string_view text);

struct Attribute {
  std::string_view name;
  std::string value;  // not escaped yet
};

// <name attribute="value">content</name>, with an end tag even if `content`, which is
// markup, is empty. Attributes without a value are left out.
std::string Element(std::string_view name, std::initializer_list<Attribute> attributes, std::string_view content = "");

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_MARKUP_H_
