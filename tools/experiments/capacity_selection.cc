// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/capacity_selection.h"

#include <algorithm>

namespace slotwise {
namespace {

template <typename Field>
std::vector<Field> EachOnce(const std::vector<const CapacityRun*>& runs, Field CapacityRun::*field) {
  std::vector<Field> values;
  for (const CapacityRun* run : runs) {
    if (std::find(values.begin(), values.end(), run->*field) == values.end()) values.push_back(run->*field);
  }
  return values;
}

}  // namespace

CapacitySelection::CapacitySelection(const CapacityReport& report) {
  for (const CapacityRun& run : report.runs) runs_.push_back(&run);
}

template <typename Predicate>
CapacitySelection CapacitySelection::Where(Predicate predicate) const {
  CapacitySelection chosen;
  for (const CapacityRun* run : runs_) {
    if (predicate(*run)) chosen.runs_.push_back(run);
  }
  return chosen;
}

CapacitySelection CapacitySelection::Of(Sweep sweep) const {
  return Where([&](const CapacityRun& run) { return run.sweep == sweep; });
}

CapacitySelection CapacitySelection::At(double capacity_fraction) const {
  return Where([&](const CapacityRun& run) { return run.capacity_fraction == capacity_fraction; });
}

CapacitySelection CapacitySelection::In(std::string_view scenario) const {
  return Where([&](const CapacityRun& run) { return run.scenario == scenario; });
}

CapacitySelection CapacitySelection::With(std::string_view engine) const {
  return Where([&](const CapacityRun& run) { return run.engine == engine; });
}

CapacitySelection CapacitySelection::Suited() const {
  return Where([](const CapacityRun& run) { return run.unsuited.empty(); });
}

CapacitySelection CapacitySelection::Default() const {
  return Where([](const CapacityRun& run) { return run.is_default; });
}

std::vector<std::string> CapacitySelection::Scenarios() const { return EachOnce(runs_, &CapacityRun::scenario); }

std::vector<std::string> CapacitySelection::Engines() const { return EachOnce(runs_, &CapacityRun::engine); }

std::vector<double> CapacitySelection::Fractions() const {
  std::vector<double> fractions = EachOnce(runs_, &CapacityRun::capacity_fraction);
  std::sort(fractions.begin(), fractions.end());
  return fractions;
}

double TokensHit(const CapacityResult& result) {
  if (result.prompt_tokens == 0) return 0;
  return static_cast<double>(result.prompt_tokens_hit) / static_cast<double>(result.prompt_tokens);
}

std::optional<double> BelowIdeal(const CapacityReport& report, const CapacityRun& run) {
  const CapacitySelection ideal =
      CapacitySelection(report).With(kIdealEngine).In(run.scenario).At(run.capacity_fraction).Suited();
  if (ideal.empty() || !run.unsuited.empty()) return std::nullopt;
  return TokensHit(ideal.runs().front()->result) - TokensHit(run.result);
}

}  // namespace slotwise
