// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_ENGINE_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_ENGINE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/experiments/scenario.h"
#include "tools/experiments/simulated_space.h"

namespace slotwise {

// No fragmentation at all: what no engine can surpass.
struct IdealEngine {};

// One slot size for every payload.
struct FixedEngine {
  // Of the largest payload as it would be without compression, and not as it is stored.
  bool uncompressed = false;
};

struct BuddyEngine {};

struct SlabEngine {
  uint8_t size_class_rule = 8;
  bool full_slots = true;  // of exactly the full sizes; else classes alone
  bool rebind = true;
  bool fallback = true;
  uint32_t partial_share_percent = 0;
  std::optional<uint32_t> reservation_percent{};  // none: as `slotwise format` chooses it
  uint64_t segment_bytes = 0;                     // 0: as `slotwise format` chooses it
};

struct ExtentEngine {
  uint32_t extents_max = 8;
};

// How an experiment keeps space, under a name that says what is special about it:
// "slab, 4 classes". A value.
struct CapacityEngine {
  std::string name;
  std::variant<IdealEngine, FixedEngine, BuddyEngine, SlabEngine, ExtentEngine> kind;
  bool is_default = false;  // what `slotwise format` makes when nothing else is said
};

// The engines to compare: the ideal, the baselines, and those that Slotwise offers.
std::vector<CapacityEngine> ComparedEngines();
// Slabs of 1, 2, 4 and 8 classes per doubling, with and without exact full slots, static
// and rebinding.
std::vector<CapacityEngine> ClassEngines();
// Slabs with Partial shares of 0 to 50 %, that may fall back to Full, or not.
std::vector<CapacityEngine> ShareEngines();
// Slabs that reserve 0 to 90 % to Full when Partial borrows.
std::vector<CapacityEngine> ReservationEngines();
// Slabs of segments of 16 MiB to 1 GiB.
std::vector<CapacityEngine> SegmentEngines();
// Extents, of at most 1 to 8 pieces per payload.
std::vector<CapacityEngine> ScatterEngines();

// An empty space of `capacity` bytes kept by `engine`, for the payloads of `scenario`.
// InvalidArgument if they do not suit each other: a segment too small for a slot, say.
absl::StatusOr<std::unique_ptr<SimulatedSpace>> MakeSpace(const CapacityEngine& engine, const Scenario& scenario,
                                                          uint64_t capacity);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_ENGINE_H_
