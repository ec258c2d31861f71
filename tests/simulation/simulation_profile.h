// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_SIMULATION_SIMULATION_PROFILE_H_
#define SLOTWISE_TESTS_SIMULATION_SIMULATION_PROFILE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "allocator/allocator_options.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/disk/layout.h"
#include "rawblock/make/format_store.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/seeded_random.h"

namespace slotwise {

// What kind of store and load a seed stands for. Fixed for a run.
struct SimulationProfile {
  explicit SimulationProfile(SeededRandom* random);

  // The options to format a store with; each `random` gives another identity.
  FormatOptions Format(SeededRandom* random) const;
  uint64_t disk_bytes() const { return layout.device_bytes; }
  std::string Description() const;

  FaultScope scope;
  AllocatorOptions::Engine engine;
  CoreOptions core;
  uint32_t alignment;  // of the device, bytes
  uint32_t sector_bytes;
  bool garbage;  // on the disk before it is formatted
  int queue_depth;
  absl::Duration latency_max;
  int64_t checkpoint_slowness;  // writes of checkpoints take so much longer
  bool late_writes;             // of dead processes land while others use the store, as over a network

  size_t keys;
  uint32_t max_key_bytes;
  uint64_t max_entries;
  uint64_t data_blocks;
  uint64_t payload_blocks_max;
  Layout layout;
};

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_SIMULATION_SIMULATION_PROFILE_H_
