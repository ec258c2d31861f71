// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_COMMAND_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_COMMAND_H_

#include <cstdint>
#include <string>

#include "rawblock/eviction/evictor.h"
#include "slotwise/store_options.h"
#include "tools/base/exit_code.h"

namespace slotwise {

// The options of `experiments capacity`, as typed on the command line.
struct CapacityArguments {
  std::string trace;             // of prompts; empty: generate
  std::string scenario = "all";  // or names, separated by commas
  std::string capacity_fraction = "0.1,0.3";
  std::string policy = "lru";
  Watermarks watermarks{};
  uint64_t seed = 1;
  uint64_t requests = 0;  // 0: all
  int threads = 0;        // 0: as many as there are cores
  std::string json;       // where to write the report; empty: nowhere; so the next
  std::string csv;
};

// `experiments capacity`: what engines, capacities and scenarios do to the hits and the
// space of a store, simulated. Prints a table; a bar on standard error follows the runs.
// What was asked for is examined before the trace is read.
ExitCode RunCapacity(const CapacityArguments& arguments);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_COMMAND_H_
