// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_MATRIX_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_MATRIX_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "rawblock/eviction/evictor.h"
#include "slotwise/eviction_policy_kind.h"
#include "slotwise/store_options.h"
#include "tools/experiments/capacity_report.h"
#include "tools/experiments/scenario.h"
#include "tools/traces/trace_request.h"

namespace slotwise {

// What to run.
struct CapacityMatrix {
  std::vector<ScenarioSpec> scenarios;
  std::vector<double> capacity_fractions;  // of each scenario's working set, ascending
  EvictionPolicyKind policy = EvictionPolicyKind::kLru;
  Watermarks watermarks{};
  int threads = 1;
};

// Fills scenarios, runs, policies and gains of a report: for every scenario the engines
// to compare at every capacity, and what policies miss; the gain over fixed slots; and
// with the smallest capacity, for the scenarios that they are about, the sweeps:
// classes, shares, reservations, segments and scatter, which play the first 3,000 requests
// of the trace, for slabs of many classes take long to simulate, and begin with the ideal
// engine on the same requests. Hit ratio against capacity for cachegen, or else the first
// scenario.
//
// Runs go on `threads` threads at once; the result does not depend on how many.
// `progress` hears, on one thread at a time, how many of all runs are done.
void RunCapacityMatrix(const CapacityMatrix& matrix, std::span<const TraceRequest> trace,
                       const std::function<void(uint64_t done, uint64_t total)>& progress, CapacityReport* report);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_MATRIX_H_
