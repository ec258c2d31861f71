// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/markup.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace slotwise {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// How many bytes a sequence of UTF-8 has that begins with `lead`; 0 if none does.
size_t LengthAfter(uint8_t lead) {
  if (lead < 0x80) return 1;
  const int ones = std::countl_one(lead);
  return ones >= 2 && ones <= 4 ? static_cast<size_t>(ones) : 0;
}

// The character that `bytes`, lead and continuation, encode.
uint32_t Decode(std::string_view bytes) {
  const auto lead = static_cast<uint8_t>(bytes[0]);
  uint32_t character = bytes.size() == 1 ? lead : lead & (0x7Fu >> bytes.size());
  for (const char byte : bytes.substr(1)) character = character << 6 | (static_cast<uint8_t>(byte) & 0x3Fu);
  return character;
}

bool IsContinuation(char byte) { return (static_cast<uint8_t>(byte) & 0xC0) == 0x80; }

bool IsControl(uint32_t character) {
  return character < 0x20 ? character != '\t' && character != '\n' && character != '\r'
                          : character >= 0x7F && character < 0xA0;
}

// Whether `bytes` characters are what it takes to encode `character`, no more, and XML allows it.
bool IsAllowed(uint32_t character, size_t bytes) {
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xD800 && character < 0xE000;
  const bool noncharacter = (character & 0xFFFE) == 0xFFFE;
  return character >= kSmallest[bytes] && character <= 0x10FFFF && !surrogate && !noncharacter && !IsControl(character);
}

// The length of the character at the start of `text`; 0 if XML cannot hold what is there.
size_t CharacterLength(std::string_view text) {
  const size_t length = LengthAfter(static_cast<uint8_t>(text[0]));
  if (length == 0 || length > text.size()) return 0;
  const std::string_view bytes = text.substr(0, length);
  if (!std::all_of(bytes.begin() + 1, bytes.end(), IsContinuation)) return 0;
  return IsAllowed(Decode(bytes), length) ? length : 0;
}

std::string_view EscapeCharacter(std::string_view character) {
  switch (character[0]) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return character;
  }
}

}  // namespace

std::string EscapeMarkup(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const size_t length = CharacterLength(text);
    escaped += length == 0 ? kReplacement : EscapeCharacter(text.substr(0, length));
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return escaped;
}

std::string Element(std::string_view name, std::initializer_list<Attribute> attributes, std::string_view content) {
  std::string element = "<";
  element += name;
  for (const auto& [key, value] : attributes) {
    if (value.empty()) continue;
    element.append(" ").append(key).append("=\"").append(EscapeMarkup(value)).append("\"");
  }
  return element.append(">").append(content).append("</").append(name).append(">");
}

}  // namespace slotwise
