// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/scale.h"

#include <charconv>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace slotwise {
namespace {

std::optional<uint32_t> ParseWhole(std::string_view text) {
  uint32_t value = 0;
  const std::from_chars_result result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string Scale::ToString() const { return absl::StrCat(numerator, "/", denominator); }

absl::StatusOr<Scale> ParseScale(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<uint32_t> numerator = ParseWhole(text.substr(0, slash));
  const std::optional<uint32_t> denominator = slash == std::string_view::npos ? 1 : ParseWhole(text.substr(slash + 1));
  if (numerator && denominator && *numerator > 0 && *numerator <= *denominator) return Scale{*numerator, *denominator};
  return absl::InvalidArgumentError(absl::StrCat("\"", absl::string_view(text.data(), text.size()),
                                                 "\" is not a scale: write a fraction above 0 and at most 1, such as "
                                                 "1/256 or 1"));
}

}  // namespace slotwise
