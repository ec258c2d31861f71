// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_SIMULATION_SIMULATION_H_
#define SLOTWISE_TESTS_SIMULATION_SIMULATION_H_

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "allocator/extent.h"
#include "iouring/aligned_buffer.h"
#include "rawblock/core/raw_block_core.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/recovery_oracle.h"
#include "tests/simulation/seeded_random.h"
#include "tests/simulation/simulated_clock.h"
#include "tests/simulation/simulated_device.h"
#include "tests/simulation/simulated_disk.h"
#include "tests/simulation/simulation_profile.h"
#include "tests/simulation/store_model.h"

namespace slotwise {

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
  uint64_t power_cuts = 0;         // of the run itself
  uint64_t forks = 0;              // power cuts tried beside the run
  uint64_t forks_in_recovery = 0;  // of these, while a store was being opened
  uint64_t faults = 0;             // injected, power cuts aside
  uint64_t read_only = 0;          // sessions that ended read-only
  LossCounts losses;

  void Add(const SimulationCounts& other);
};

// One run: a store on a simulated disk, random operations against a model, and
// everything that can go wrong; see docs/assurance.md. Whatever is random follows
// from the seed, so the same options give the same run.
//
// A power cut is tried beside the run after every I/O event if the run is short,
// and after some of them if it is long: the disk is forked, its unflushed writes
// are lost, torn or kept, and the store that is opened from it is judged. Power
// cuts are tried in the same way while that store recovers.
class Simulation {
 public:
  explicit Simulation(const SimulationOptions& options);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // Runs to the end, or to the first divergence: an error that says what was
  // not as promised. Call it once.
  absl::Status Run();

  const SimulationCounts& counts() const { return counts_; }
  const SimulationProfile& profile() const { return profile_; }
  // Two runs with the same fingerprint did the same.
  uint64_t fingerprint() const { return fingerprint_; }

 private:
  using Version = StoreModel::Version;

  // A call that has not completed.
  struct Call {
    size_t key = 0;
    uint64_t version = 0;
    bool durable = false;
    bool replace = false;
    bool force = false;
    bool pinned = false;
    bool after_flush_failure = false;
    uint64_t moment = 0;  // of the model, when it began
    uint64_t faults_seen = 0;
    std::optional<uint64_t> expected_bytes;  // of a get
    std::vector<Version> candidates;         // of a get
    Placement placement;                     // of a get
    AlignedBuffer memory;
    std::span<std::byte> span;  // of memory
  };
  struct HeldPin {
    size_t key;
    Pin pin;
    uint64_t version;
    Placement placement;
  };
  enum class Exit : uint8_t { kClose, kKill, kPowerCut };

  // Sessions.
  void Format();
  void MakeDevice(bool faults);
  void Restart();
  void Leave(Exit exit);
  void TryShrunkDevice();
  void Reopen();
  bool OpenAndSettle();
  void CountSession();

  // Operations.
  void Step();
  void Operate();
  Call* Begin(size_t key, uint64_t bytes);
  void Forget(Call* call);
  void Put();
  void PutDone(Call* call, const absl::StatusOr<PutOutcome>& outcome);
  void PutFailed(const Call& call, const absl::Status& status);
  void Get();
  void GetDone(Call* call, const absl::StatusOr<uint64_t>& bytes);
  void JudgeGet(const Call& call, uint64_t bytes);
  void CheckExists();
  void Remove();
  void RemoveDone(Call* call, const absl::Status& status);
  void PinOne();
  void UnpinOne(size_t index);
  bool Pinned(size_t key) const;
  void Flush();
  void Checkpoint();
  void FlushDone(Call* call, const absl::Status& status);

  // Faults and power cuts.
  void InjectFault();
  uint64_t FaultyByte();
  void OnEvent();
  // `suspect`: damage excuses what recovery believes; `depth`: power cuts before this one, each in the recovery
  // from the last.
  void TryPowerCut(const SimulatedDisk& disk, bool suspect, int depth);
  void JudgePowerCut(SimulatedDisk* disk, bool suspect, int depth);

  // Judging.
  void Poll(absl::Duration timeout);
  void Observe();
  void ObserveKey(size_t key);
  void CheckPins();
  void CheckLeaks();
  Placement PlacementOf(size_t key) const;
  bool Excused(const Call& call) const;
  bool MetadataSuspect() const;
  void Diverge(const std::string& what);
  bool diverged() const { return !divergence_.ok(); }
  void Note(uint64_t value);

  const SimulationOptions options_;
  SeededRandom random_;
  SeededRandom cuts_;  // of power cuts tried, apart from the run's own
  const SimulationProfile profile_;
  const FaultRates fault_rates_;
  const uint64_t fork_one_in_;
  SimulatedClock clock_;
  SimulatedDisk disk_;
  StoreModel model_;
  absl::Status divergence_;
  SimulationCounts counts_;
  uint64_t fingerprint_ = 0;

  std::unique_ptr<SimulatedDevice> device_;
  std::list<Call> calls_;  // outlive the core, which borrows their memory
  std::unique_ptr<RawBlockCore> core_;
  std::vector<HeldPin> pins_;
  uint64_t vanished_ = 0;  // keys of this session that nobody removed
  bool formatted_ = false;
  bool metadata_suspect_ = false;   // damage may have reached what recovery believes
  bool superblock_rotted_ = false;  // one copy in this session
};

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_SIMULATION_SIMULATION_H_
