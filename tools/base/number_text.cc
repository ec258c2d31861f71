// SPDX-License-Identifier: Apache-2.0
#include "tools/base/number_text.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace slotwise {
namespace {

// So that nothing is shown as a negative zero.
double Rounded(double value, int digits) {
  const double unit = std::pow(10, digits);
  return std::round(value * unit) / unit + 0.0;
}

}  // namespace

std::string CountText(uint64_t count) {
  std::string text = absl::StrCat(count);
  for (size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

std::string CompactText(double value) {
  if (value >= 1e6) return ShortText(value / 1e6) + "M";
  return value >= 1e3 ? ShortText(value / 1e3) + "k" : ShortText(value);
}

std::string PercentText(double ratio, int digits) { return FixedText(100 * ratio, digits) + " %"; }

std::string ShortPercentText(double ratio) { return ShortText(100 * ratio) + " %"; }

std::string FixedText(double value, int digits) { return absl::StrFormat("%.*f", digits, Rounded(value, digits)); }

std::string ShortText(double value) { return absl::StrFormat("%g", Rounded(value, 4)); }

}  // namespace slotwise
