// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/capacity_engine.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "allocator/slab_options.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

constexpr uint64_t kBlockBytes = 4096;
constexpr uint32_t kBasisPointsPerPercent = 100;

BlockCount BlocksFor(uint64_t bytes) { return BlockCount((bytes + kBlockBytes - 1) / kBlockBytes); }

uint64_t LargestOf(const Scenario& scenario) {
  return *std::max_element(scenario.object_bytes().begin(), scenario.object_bytes().end());
}

// What decides the options of an allocator.
struct Payloads {
  const Scenario& scenario;
  BlockCount capacity;

  AllocatorOptions OptionsOf(const FixedEngine& fixed) const {
    const uint64_t bytes = fixed.uncompressed ? scenario.UncompressedSizeMax() : LargestOf(scenario);
    return {.engine = Engine::kFixedSlot, .fixed_slot = BlocksFor(bytes)};
  }
  AllocatorOptions OptionsOf(const BuddyEngine&) const { return {.engine = Engine::kBuddy}; }
  AllocatorOptions OptionsOf(const ExtentEngine& extent) const {
    return {.engine = Engine::kExtent, .extent = {.extents_max = extent.extents_max}};
  }
  AllocatorOptions OptionsOf(const SlabEngine& slab) const {
    AllocatorOptions options{.engine = Engine::kSlab, .slab = SlabDefaults(capacity, FullSizes(slab))};
    options.slab.size_class_rule = slab.size_class_rule;
    options.slab.rebind = slab.rebind;
    options.slab.fallback = slab.fallback;
    options.slab.partial_share_basis_points = slab.partial_share_percent * kBasisPointsPerPercent;
    if (scenario.SizesVary() || !slab.full_slots) options.slab.full_reservation_basis_points = 0;
    if (slab.reservation_percent.has_value()) {
      options.slab.full_reservation_basis_points = *slab.reservation_percent * kBasisPointsPerPercent;
    }
    if (slab.segment_bytes > 0) options.slab.segment = BlocksFor(slab.segment_bytes);
    return options;
  }

 private:
  // Without full slots a power of two above every payload stands for them.
  std::vector<BlockCount> FullSizes(const SlabEngine& slab) const {
    std::vector<BlockCount> sizes;
    for (const uint64_t bytes : scenario.FullSizes()) sizes.push_back(BlocksFor(bytes));
    if (slab.full_slots) return sizes;
    return {BlockCount(std::bit_ceil(std::max_element(sizes.begin(), sizes.end())->value() + 1))};
  }
};

CapacityEngine ClassEngine(const SlabEngine& slab) {
  return {.name = absl::StrCat("slab, ", std::string(FindSizeClassRule(slab.size_class_rule)->name),
                               slab.full_slots ? "" : ", no full slots", slab.rebind ? "" : ", static"),
          .kind = slab};
}

}  // namespace

std::vector<CapacityEngine> ComparedEngines() {
  return {
      {.name = "ideal", .kind = IdealEngine{}},
      {.name = "fixed", .kind = FixedEngine{}},
      {.name = "buddy", .kind = BuddyEngine{}},
      ClassEngine({.size_class_rule = 1, .full_slots = false, .rebind = false}),
      ClassEngine({.size_class_rule = 1, .rebind = false}),
      {.name = "slab", .kind = SlabEngine{}},
      {.name = "extent", .kind = ExtentEngine{}, .is_default = true},
  };
}

std::vector<CapacityEngine> ClassEngines() {
  std::vector<CapacityEngine> engines;
  for (const bool full_slots : {false, true}) {
    for (const bool rebind : {false, true}) {
      for (const SizeClassRule& rule : SizeClassRules()) {
        engines.push_back(ClassEngine({.size_class_rule = rule.id, .full_slots = full_slots, .rebind = rebind}));
      }
    }
  }
  return engines;
}

std::vector<CapacityEngine> ShareEngines() {
  std::vector<CapacityEngine> engines;
  for (const bool fallback : {true, false}) {
    for (const uint32_t percent : {0, 2, 5, 10, 20, 50}) {
      engines.push_back({.name = absl::StrCat("slab, share ", percent, " %", fallback ? "" : ", no fallback"),
                         .kind = SlabEngine{.fallback = fallback, .partial_share_percent = percent}});
    }
  }
  return engines;
}

std::vector<CapacityEngine> ReservationEngines() {
  std::vector<CapacityEngine> engines;
  for (const uint32_t percent : {0, 25, 50, 75, 90}) {
    engines.push_back({.name = absl::StrCat("slab, reservation ", percent, " %"),
                       .kind = SlabEngine{.reservation_percent = percent}});
  }
  return engines;
}

std::vector<CapacityEngine> SegmentEngines() {
  std::vector<CapacityEngine> engines;
  for (uint64_t mebibytes = 16; mebibytes <= 1024; mebibytes *= 2) {
    engines.push_back({.name = absl::StrCat("slab, segment ", mebibytes, " MiB"),
                       .kind = SlabEngine{.segment_bytes = mebibytes << 20}});
  }
  return engines;
}

std::vector<CapacityEngine> ScatterEngines() {
  std::vector<CapacityEngine> engines;
  for (const uint32_t extents : {1, 2, 4, 8}) {
    engines.push_back(
        {.name = absl::StrCat("extent, at most ", extents), .kind = ExtentEngine{.extents_max = extents}});
  }
  return engines;
}

absl::StatusOr<std::unique_ptr<SimulatedSpace>> MakeSpace(const CapacityEngine& engine, const Scenario& scenario,
                                                          uint64_t capacity) {
  const auto objects = static_cast<uint32_t>(scenario.object_bytes().size());
  if (std::holds_alternative<IdealEngine>(engine.kind)) return MakeIdealSpace(capacity, objects);
  const Payloads payloads{scenario, BlockCount(capacity / kBlockBytes)};
  const AllocatorOptions options = std::visit(
      [&]<typename Kind>(const Kind& kind) -> AllocatorOptions {
        if constexpr (std::is_same_v<Kind, IdealEngine>) {
          return {};
        } else {
          return payloads.OptionsOf(kind);
        }
      },
      engine.kind);
  return MakeAllocatedSpace(options, capacity, objects);
}

}  // namespace slotwise
