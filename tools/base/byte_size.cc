// SPDX-License-Identifier: Apache-2.0
#include "tools/base/byte_size.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/numeric/int128.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace slotwise {
namespace {

constexpr std::string_view kUnits = "KMGT";

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Cuts the leading digits off `text`.
std::string_view TakeDigits(std::string_view& text) {
  const size_t count = std::find_if_not(text.begin(), text.end(), IsDigit) - text.begin();
  const std::string_view digits = text.substr(0, count);
  text.remove_prefix(count);
  return digits;
}

// The bits that `unit` shifts by: 0 for none, 10 for "K" and "KiB", ...
std::optional<int> UnitShift(std::string_view unit) {
  if (unit.empty()) return 0;
  const size_t index = kUnits.find(unit[0]);
  const std::string_view rest = unit.substr(1);
  if (index == std::string_view::npos || (!rest.empty() && rest != "iB")) return std::nullopt;
  return 10 * (static_cast<int>(index) + 1);
}

// The value of `whole`.`fraction` << `shift`, when that is a whole number below 2^64.
std::optional<uint64_t> Combine(std::string_view whole, std::string_view fraction, int shift) {
  constexpr size_t kDigitsMax = 20;  // of 2^64; (10^20 << 40) fits 128 bits
  if (whole.size() + fraction.size() > kDigitsMax) return std::nullopt;
  absl::uint128 value = 0;
  absl::uint128 divisor = 1;
  for (const char digit : whole) value = value * 10 + (digit - '0');
  for (const char digit : fraction) {
    value = value * 10 + (digit - '0');
    divisor *= 10;
  }
  value <<= shift;
  if (value % divisor != 0) return std::nullopt;
  value /= divisor;
  if (absl::Uint128High64(value) != 0) return std::nullopt;
  return absl::Uint128Low64(value);
}

}  // namespace

absl::StatusOr<uint64_t> ParseByteSize(std::string_view text) {
  std::string_view rest = text;
  const std::string_view whole = TakeDigits(rest);
  std::string_view fraction;
  bool well_formed = !whole.empty();
  if (!rest.empty() && rest[0] == '.') {
    rest.remove_prefix(1);
    fraction = TakeDigits(rest);
    well_formed = well_formed && !fraction.empty();
  }
  const std::optional<int> shift = UnitShift(rest);
  const std::optional<uint64_t> bytes = well_formed && shift ? Combine(whole, fraction, *shift) : std::nullopt;
  if (bytes) return *bytes;
  return absl::InvalidArgumentError(
      absl::StrCat("\"", absl::string_view(text.data(), text.size()),
                   "\" is not a size: write whole bytes below 2^64, such as 4096, 64M, 64MiB or 1.5GiB"));
}

std::string FormatByteSize(uint64_t bytes) {
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  size_t unit = 0;
  double value = static_cast<double>(bytes) / 1024;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return absl::StrFormat("%.4g %ciB", std::round(value * 100) / 100, kUnits[unit]);
}

}  // namespace slotwise
