// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_EVICTION_COMMAND_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_EVICTION_COMMAND_H_

#include <cstdint>
#include <string>

#include "tools/base/exit_code.h"

namespace slotwise {

// The options of `experiments eviction`, as typed on the command line.
struct EvictionArguments {
  std::string trace;
  std::string trace_format = "mooncake";
  std::string policy = "all";
  std::string capacity;           // empty: by capacity_fraction
  std::string capacity_fraction;  // empty too: 0.01,0.03,0.1,0.3
  bool ignore_size = false;
  std::string model = "llama-3.1-8b";
  std::string compression = "1";
  bool save_partial = false;
  uint64_t seed = 1;
  uint64_t requests = 0;  // 0: all
  std::string json;       // where to write the report; empty: nowhere
  std::string csv;        // the same
};

// `experiments eviction`: how many requests of a trace miss with each policy and
// capacity. Prints a table; a bar on standard error follows the runs. What was
// asked for is examined before the trace is read.
ExitCode RunEviction(const EvictionArguments& arguments);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_EVICTION_COMMAND_H_
