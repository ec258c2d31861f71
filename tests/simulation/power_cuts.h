// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_SIMULATION_POWER_CUTS_H_
#define SLOTWISE_TESTS_SIMULATION_POWER_CUTS_H_

#include <cstdint>

#include "tests/simulation/seeded_random.h"
#include "tests/simulation/simulated_disk.h"
#include "tests/simulation/simulated_world.h"

namespace slotwise {

// Tries power cuts beside a run: the disk is forked, its unflushed writes are lost, torn or kept, and the store that is
// opened from it is judged; and the same again while that store recovers. After every I/O event of a short run, after
// some of a long one. `world` is borrowed.
class PowerCuts {
 public:
  explicit PowerCuts(SimulatedWorld* world);

  // An I/O event of the run has happened.
  void OnEvent();

 private:
  // `suspect`: damage excuses what recovery believes; `depth`: power cuts before this one, each in the recovery from
  // the last.
  void Try(const SimulatedDisk& disk, bool suspect, int depth);
  void Judge(SimulatedDisk* disk, bool suspect, int depth);

  SimulatedWorld* const world_;
  SeededRandom random_;     // apart from the run's own
  const uint64_t once_in_;  // events; 0: never
};

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_SIMULATION_POWER_CUTS_H_
