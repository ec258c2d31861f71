// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_CLI_REPLAY_COMMAND_H_
#define SLOTWISE_TOOLS_CLI_REPLAY_COMMAND_H_

#include <cstdint>
#include <string>

#include "tools/base/exit_code.h"
#include "tools/stores/store_arguments.h"

namespace slotwise {

// The options of `slotwise replay`.
struct ReplayArguments {
  StoreArguments store;
  std::string compare;  // engines to run side by side, "fixed,slab"; empty: one run, on store.allocator
  std::string policy = "lru";
  std::string durability = "batched";
  int queue_depth = 32;
  std::string trace;      // empty: generate
  uint64_t requests = 0;  // 0: all
  uint64_t seed = 1;
  bool save_partial = false;
  std::string json;  // where to write the report; empty: nowhere
};

// `slotwise replay`: plays a trace through a store and prints what happened.
// Everything that was asked for is examined before anything is changed, so bad
// input leaves every device and file as it was.
//
// A missing file is created, an existing store is opened as it is. With
// `compare` each engine gets a fresh store: beside each other in files
// (DEVICE.fixed, DEVICE.slab), one after the other on a block device, which
// needs force.
//
// kFailed also when wrong bytes or checksum failures were seen.
ExitCode RunReplay(const ReplayArguments& arguments);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_CLI_REPLAY_COMMAND_H_
