// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/compression.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "xxhash.h"

namespace slotwise {
namespace {

constexpr double kDeviationsMax = 3;

std::optional<double> ParseNumber(std::string_view text, double min, double max) {
  double value = 0;
  const std::from_chars_result result = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = result.ec == std::errc() && result.ptr == text.data() + text.size();
  return whole && value >= min && value <= max ? std::optional(value) : std::nullopt;
}

// Uniform in (0, 1).
double Uniform(uint64_t bits) { return (static_cast<double>(bits >> 11) + 0.5) * 0x1p-53; }

double Normal(uint64_t key_hash, uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(&key_hash, sizeof(key_hash), seed);
  return std::sqrt(-2 * std::log(Uniform(hash.low64))) * std::cos(2 * std::numbers::pi * Uniform(hash.high64));
}

}  // namespace

double Compression::ratio_min() const { return std::max(1.0, mean * (1 - kDeviationsMax * spread)); }

double Compression::Ratio(uint64_t key_hash, uint64_t seed) const {
  if (spread == 0) return mean;
  const double deviations = std::clamp(Normal(key_hash, seed), -kDeviationsMax, kDeviationsMax);
  return std::max(1.0, mean * (1 + deviations * spread));
}

std::string Compression::ToString() const { return absl::StrCat(mean, ",", spread); }

absl::StatusOr<Compression> ParseCompression(std::string_view text) {
  const size_t comma = text.find(',');
  const std::optional<double> mean = ParseNumber(text.substr(0, comma), 1, 1000);
  const std::optional<double> spread =
      comma == std::string_view::npos ? 0 : ParseNumber(text.substr(comma + 1), 0, 0.3);
  if (mean && spread) return Compression{*mean, *spread};
  return absl::InvalidArgumentError(absl::StrCat("\"", absl::string_view(text.data(), text.size()),
                                                 "\" is not a compression: write MEAN or MEAN,SPREAD with a mean from "
                                                 "1 to 1000 and a spread from 0 to 0.3, such as 3.9,0.15"));
}

}  // namespace slotwise
