// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_EVICTION_PLAN_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_EVICTION_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace slotwise {

// The lists on the command line of `experiments eviction`, separated by commas.
// InvalidArgument with what was wrong and what was expected.

// "lru,sieve", each once, in that order; "all": every policy the simulator has.
absl::StatusOr<std::vector<std::string>> ParsePolicies(const std::string& text);

// "64M,1G": sizes for ParseByteSize, or with `ignore_size` plain numbers of
// objects; positive. One that is named again is left out.
absl::StatusOr<std::vector<uint64_t>> ParseCapacities(const std::string& text, bool ignore_size);

// "0.1,0.3": above 0, up to 1.
absl::StatusOr<std::vector<double>> ParseFractions(const std::string& text);

// These fractions of `working_set`, rounded down, at least 1. One that comes
// out as another is left out.
std::vector<uint64_t> CapacitiesOf(const std::vector<double>& fractions, uint64_t working_set);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_EVICTION_PLAN_H_
