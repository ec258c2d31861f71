// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_SIMULATION_SIMULATED_WORLD_H_
#define SLOTWISE_TESTS_SIMULATION_SIMULATED_WORLD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "rawblock/core/raw_block_core.h"
#include "tests/simulation/recovery_oracle.h"
#include "tests/simulation/seeded_random.h"
#include "tests/simulation/simulated_clock.h"
#include "tests/simulation/simulated_device.h"
#include "tests/simulation/simulated_disk.h"
#include "tests/simulation/simulation_profile.h"
#include "tests/simulation/store_model.h"

namespace slotwise {

// Runs of up to so many operations try a power cut after every I/O event.
inline constexpr uint64_t kShortRun = 100;

struct SimulationOptions {
  uint64_t seed = 1;
  uint64_t operations = 100;
  // Whether power cuts are tried beside the run; it has its own anyway.
  bool forks = true;
};

// What a run went through. Plain counters.
struct SimulationCounts {
  uint64_t operations = 0;
  uint64_t stored = 0;
  uint64_t refused = 0;  // puts without room
  uint64_t hits = 0;
  uint64_t misses = 0;
  uint64_t evictions = 0;
  uint64_t checkpoints = 0;
  uint64_t journal_laps = 0;
  uint64_t io_events = 0;
  uint64_t restarts = 0;
  uint64_t kills = 0;              // of these, and while a store was being opened
  uint64_t late_writes = 0;        // that landed after the death of their process; in part or whole
  uint64_t passing_faults = 0;     // of transfers, another try of which succeeds
  uint64_t power_cuts = 0;         // of the run itself
  uint64_t forks = 0;              // power cuts tried beside the run
  uint64_t forks_in_recovery = 0;  // of these, while a store was being opened
  uint64_t faults = 0;             // injected, power cuts aside
  uint64_t read_only = 0;          // sessions that ended read-only
  LossCounts losses;

  void Add(const SimulationCounts& other);
};

// What the parts of one simulation share: the disk, what is on it, what should be, and the first divergence. Whatever
// is random follows from the seed.
struct SimulatedWorld {
  explicit SimulatedWorld(const SimulationOptions& options);
  SimulatedWorld(const SimulatedWorld&) = delete;
  SimulatedWorld& operator=(const SimulatedWorld&) = delete;

  // Ends the run: something was not as promised. The first call counts.
  void Diverge(const std::string& what);
  bool diverged() const { return !divergence.ok(); }
  // Adds to the fingerprint.
  void Note(uint64_t value);
  // The process that drives `dead` has died. Its writes end before another opens the store, which waits for that; or,
  // if the profile says that nobody waits, whenever LandLate is called.
  void Bury(SimulatedDevice* dead);
  // One late write lands; all.
  void LandLate();
  void LandAllLate();
  // Whether damage may have reached what recovery believes.
  bool MetadataSuspect() const;

  const SimulationOptions options;
  SeededRandom random;
  const uint64_t power_cuts_seed;
  const SimulationProfile profile;
  SimulatedClock clock;
  SimulatedDisk disk;
  StoreModel model;
  std::unique_ptr<SimulatedDevice> device;
  std::unique_ptr<RawBlockCore> core;
  std::vector<SimulatedDisk::WriteId> late_writes;  // of dead processes
  bool formatted = false;
  bool metadata_suspect = false;  // from sessions before this one
  SimulationCounts counts;
  absl::Status divergence;
  uint64_t fingerprint = 0;  // two runs with the same did the same
};

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_SIMULATION_SIMULATED_WORLD_H_
