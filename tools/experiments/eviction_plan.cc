// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/eviction_plan.h"

#include <algorithm>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tools/base/byte_size.h"
#include "tools/experiments/eviction_simulator.h"

namespace slotwise {
namespace {

template <typename T>
bool Contains(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

absl::StatusOr<uint64_t> ParseObjects(const std::string& text) {
  uint64_t objects = 0;
  const bool digits = std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  if (digits && absl::SimpleAtoi(text, &objects)) return objects;
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is not a number of objects; with --ignore_size write a whole number, such as 1000"));
}

absl::StatusOr<uint64_t> ParseCapacity(const std::string& text, bool ignore_size) {
  absl::StatusOr<uint64_t> capacity = ignore_size ? ParseObjects(text) : ParseByteSize(text);
  if (capacity.ok() && *capacity == 0) return absl::InvalidArgumentError("a capacity of 0 holds nothing");
  return capacity;
}

absl::StatusOr<double> ParseFraction(const std::string& text) {
  double fraction = 0;
  if (absl::SimpleAtod(text, &fraction) && fraction > 0 && fraction <= 1) return fraction;
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is not a fraction of the working set above 0 and up to 1, such as 0.1"));
}

// The double for 0.3 is below it, yet 0.3 of 10 objects are 3.
uint64_t PartOf(uint64_t whole, double fraction) {
  constexpr long double kWithoutRounding = 1 + std::numeric_limits<double>::epsilon();
  const long double part = static_cast<long double>(whole) * fraction * kWithoutRounding;
  return part >= static_cast<long double>(whole) ? std::max<uint64_t>(whole, 1)
                                                 : std::max<uint64_t>(static_cast<uint64_t>(part), 1);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ParsePolicies(const std::string& text) {
  if (text == "all") return SimulatedPolicies();
  std::vector<std::string> policies;
  for (const std::string& name : std::vector<std::string>(absl::StrSplit(text, ','))) {
    if (!Contains(SimulatedPolicies(), name)) {
      return absl::InvalidArgumentError(absl::StrCat("no policy is called \"", name, "\"; there are ",
                                                     absl::StrJoin(SimulatedPolicies(), ", "),
                                                     ", or all for every one"));
    }
    if (Contains(policies, name)) return absl::InvalidArgumentError(absl::StrCat("names ", name, " twice"));
    policies.push_back(name);
  }
  return policies;
}

absl::StatusOr<std::vector<uint64_t>> ParseCapacities(const std::string& text, bool ignore_size) {
  std::vector<uint64_t> capacities;
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(text, ','))) {
    const absl::StatusOr<uint64_t> capacity = ParseCapacity(part, ignore_size);
    if (!capacity.ok()) return capacity.status();
    if (!Contains(capacities, *capacity)) capacities.push_back(*capacity);
  }
  return capacities;
}

absl::StatusOr<std::vector<double>> ParseFractions(const std::string& text) {
  std::vector<double> fractions;
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(text, ','))) {
    const absl::StatusOr<double> fraction = ParseFraction(part);
    if (!fraction.ok()) return fraction.status();
    fractions.push_back(*fraction);
  }
  return fractions;
}

std::vector<uint64_t> CapacitiesOf(const std::vector<double>& fractions, uint64_t working_set) {
  std::vector<uint64_t> capacities;
  for (const double fraction : fractions) {
    const uint64_t capacity = PartOf(working_set, fraction);
    if (!Contains(capacities, capacity)) capacities.push_back(capacity);
  }
  return capacities;
}

}  // namespace slotwise
