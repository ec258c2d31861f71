// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_SIMULATION_CALLER_H_
#define SLOTWISE_TESTS_SIMULATION_CALLER_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "allocator/extent.h"
#include "iouring/aligned_buffer.h"
#include "rawblock/core/raw_block_core.h"
#include "tests/simulation/simulated_world.h"
#include "tests/simulation/store_model.h"

namespace slotwise {

// The callers of a simulated store: makes random calls, and judges every answer, and what the store shows meanwhile, by
// the model. `world` is borrowed.
class Caller {
 public:
  explicit Caller(SimulatedWorld* world) : world_(world) {}

  // One more call. REQUIRES: the world has a core.
  void Operate();
  // How many calls have no answer yet.
  size_t calls() const { return calls_.size(); }

  // Judges what the store shows now: of every key, and of pinned blocks.
  void Observe();
  void CheckPins();
  void UnpinAll();

  // A core was opened; it is gone, and so are its calls and pins.
  void BeginSession() { vanished_ = 0; }
  void EndSession();

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

  Call* Begin(size_t key, uint64_t bytes);
  void Forget(Call* call);
  void Put();
  void PutDone(Call* call, const absl::StatusOr<PutOutcome>& outcome);
  void PutFailed(const Call& call, const absl::Status& status);
  void Get();
  void GetDone(Call* call, const absl::StatusOr<uint64_t>& bytes);
  void JudgeGet(const Call& call, uint64_t bytes);
  void Remove();
  void RemoveDone(Call* call, const absl::Status& status);
  void PinOne();
  void UnpinOne(size_t index);
  bool Pinned(size_t key) const;
  void Flush();
  void Checkpoint();
  void FlushDone(Call* call, const absl::Status& status);
  void ObserveKey(size_t key);
  Placement PlacementOf(size_t key) const;
  // Whether a fault explains that the call failed.
  bool Excused(const Call& call) const;

  SimulatedWorld* const world_;
  std::list<Call> calls_;  // outlive the core, which borrows their memory
  std::vector<HeldPin> pins_;
  uint64_t vanished_ = 0;  // keys of this session that nobody removed
};

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_SIMULATION_CALLER_H_
