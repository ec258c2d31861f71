// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_SIMULATION_SIMULATION_H_
#define SLOTWISE_TESTS_SIMULATION_SIMULATION_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "tests/simulation/caller.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/power_cuts.h"
#include "tests/simulation/simulated_world.h"
#include "tests/simulation/simulation_profile.h"

namespace slotwise {

// One run: a store on a simulated disk, random operations against a model, and
// everything that can go wrong; see docs/assurance.md. Whatever is random follows
// from the seed, so the same options give the same run.
// Power cuts are tried beside it; see PowerCuts.
class Simulation {
 public:
  explicit Simulation(const SimulationOptions& options);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // Runs to the end, or to the first divergence: an error that says what was
  // not as promised. Call it once.
  absl::Status Run();

  const SimulationCounts& counts() const { return world_.counts; }
  const SimulationProfile& profile() const { return world_.profile; }
  // Two runs with the same fingerprint did the same.
  uint64_t fingerprint() const { return world_.fingerprint; }

 private:
  enum class Exit : uint8_t { kClose, kKill, kPowerCut };

  // Sessions.
  void Format();
  void MakeDevice(bool faults);
  void Restart();
  void Leave(Exit exit);
  void Kill();
  void DieOpening();
  void TryShrunkDevice();
  void Reopen();
  bool OpenAndSettle();
  void CountSession();

  // Steps.
  void Step();
  void Poll(absl::Duration timeout);
  void InjectFault();
  uint64_t FaultyByte();
  void OnEvent();
  void CheckLeaks();

  SimulatedWorld world_;
  Caller caller_;
  PowerCuts power_cuts_;
  const FaultRates fault_rates_;
  bool superblock_rotted_ = false;  // one copy in this session
};

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_SIMULATION_SIMULATION_H_
