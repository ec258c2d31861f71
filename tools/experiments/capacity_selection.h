// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_SELECTION_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_SELECTION_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/experiments/capacity_report.h"

namespace slotwise {

// Some of a report's runs, in the report's order; the report outlives it. A value.
class CapacitySelection {
 public:
  // All runs of `report`.
  explicit CapacitySelection(const CapacityReport& report);

  CapacitySelection Of(Sweep sweep) const;
  CapacitySelection At(double capacity_fraction) const;
  CapacitySelection In(std::string_view scenario) const;
  CapacitySelection With(std::string_view engine) const;
  // Those that ran.
  CapacitySelection Suited() const;
  // Those of the engine that a store has when nothing else is said.
  CapacitySelection Default() const;

  const std::vector<const CapacityRun*>& runs() const& { return runs_; }
  // By value, so that a loop over the runs of a temporary selection is safe.
  std::vector<const CapacityRun*> runs() && { return std::move(runs_); }
  bool empty() const { return runs_.empty(); }

  // What the runs differ in: each once, in the order of its first run; capacities ascend.
  std::vector<std::string> Scenarios() const;
  std::vector<std::string> Engines() const;
  std::vector<double> Fractions() const;

 private:
  CapacitySelection() = default;
  template <typename Predicate>
  CapacitySelection Where(Predicate predicate) const;

  std::vector<const CapacityRun*> runs_;
};

// The engine without fragmentation, in reports.
inline constexpr std::string_view kIdealEngine = "ideal";

// The part of the prompts' tokens that were hit; 0 of no tokens.
double TokensHit(const CapacityResult& result);
// By how much `run` hits less of the prompts' tokens than the ideal engine did with the
// same scenario and capacity, as a part of all tokens. None if either did not run.
std::optional<double> BelowIdeal(const CapacityReport& report, const CapacityRun& run);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_SELECTION_H_
