// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_SIMULATOR_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_SIMULATOR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "rawblock/core/room.h"
#include "rawblock/eviction/eviction_policy.h"
#include "rawblock/eviction/evictor.h"
#include "rawblock/log/index.h"
#include "slotwise/store_options.h"
#include "tools/experiments/capacity_result.h"
#include "tools/experiments/scenario.h"
#include "tools/experiments/simulated_space.h"

namespace slotwise {

// Plays a scenario through a store without a device, in the trace's own time, and
// measures. It does what TraceReplayer does with a RawBlockCore, and makes room with the same
// Room, but blocks of an evicted entry are free at once. Deterministic.
class CapacitySimulator : private RoomSpace {
 public:
  // All are borrowed and outlive the simulator; `space` is pristine and `policy` tracks
  // nothing.
  CapacitySimulator(const Scenario* scenario, SimulatedSpace* space, EvictionPolicy* policy,
                    const Watermarks& watermarks);

  // Plays the next request.
  // REQUIRES: there is one.
  void Step();
  bool done() const { return next_ == scenario_->requests().size(); }

  // What happened so far. O(objects log objects).
  CapacityResult result() const;
  // Recounts what is stored, and the space and the policy. O(objects).
  void CheckInvariants() const;

 private:
  // The store after each of some requests: sums of parts of the capacity.
  struct Samples {
    uint64_t count = 0;
    double utilisation = 0;
    double utilisation_min = 1;
    double internal_waste = 0;
    double occupied = 0;
    double external_free = 0;
    uint64_t refused = 0;
    uint64_t evictions = 0;
  };
  static constexpr uint32_t kNone = ~uint32_t{0};

  struct Ages {
    uint64_t evictions = 0;
    uint64_t age_ms = 0;
  };

  // How many objects of `chunk` are there before the first that is not.
  uint32_t ObjectsPresent(const ScenarioChunk& chunk) const;
  size_t ChunksPresent(const ScenarioRequest& request) const;
  void Touch(const ScenarioRequest& request, size_t chunks_present);
  void Put(const ScenarioRequest& request, size_t chunks_present);
  void PutObject(uint32_t object);
  // Room for `object`, by eviction if need be.
  bool Place(uint32_t object, RoomRequest* request);
  bool NothingChangedSinceRefusal(const Arrival& arrival);
  void EvictAhead(RoomRequest* request);
  EntryId NewEntry(uint32_t object);

  // The space that the Room makes room in, in bytes.
  uint64_t capacity() const override { return space_->capacity(); }
  uint64_t FreeSoon() const override { return space_->free(); }
  EntryId id_limit() const override { return static_cast<EntryId>(objects_.size()); }
  std::optional<uint64_t> GainOf(EntryId entry, uint64_t bytes) const override;
  bool FreesAtOnce() const override { return true; }
  uint64_t Evict(EntryId entry) override;
  bool Paused() const override { return false; }

  bool IsPresent(uint32_t object) const { return entries_[object] != kNone; }
  void Count(const ScenarioRequest& request, size_t chunks_present);
  void Sample();
  void AddSample(Samples* samples) const;
  void AddMeans(CapacityResult* result) const;
  void AddTailAges(CapacityResult* result) const;
  uint64_t Orphans() const;

  const Scenario* const scenario_;
  SimulatedSpace* const space_;
  EvictionPolicy* const policy_;
  Room room_;

  size_t next_ = 0;
  uint64_t now_ms_ = 0;
  std::vector<EntryId> entries_;   // by object; kNone: it is not there
  std::vector<uint32_t> objects_;  // by entry; kNone: there is no such entry
  std::vector<EntryId> free_entries_;
  std::vector<uint64_t> last_use_ms_;  // by object
  uint64_t payload_bytes_ = 0;
  uint64_t evicted_bytes_ = 0;
  uint64_t refused_size_ = 0;  // 0: an entry has come or gone since
  uint64_t searches_saved_ = 0;
  uint64_t extents_ = 0;

  CapacityResult counts_;
  bool warm_ = false;
  Samples warm_samples_;
  std::vector<Samples> slice_samples_;
  uint64_t refused_before_ = 0;  // before this request; so the next
  uint64_t evictions_before_ = 0;
  std::vector<float> evictions_;  // by allocation; so the next two
  std::vector<float> evicted_per_byte_;
  std::vector<float> reclaimed_per_byte_;
  std::vector<Ages> ages_;  // by the binary logarithm of the size
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_SIMULATOR_H_
