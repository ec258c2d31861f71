// SPDX-License-Identifier: Apache-2.0
// Every reachable state of every engine over tiny spaces. With the environment
// variable SLOTWISE_DEEP, over larger ones too: minutes instead of seconds.
#include "allocator/testing/state_space.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "allocator/size_classes.h"
#include "allocator/slab_options.h"
#include "allocator/testing/allocator_subject.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

// How much to do: the sanitizers are slow, and --test_env=SLOTWISE_DEEP=1 has time.
enum class Depth { kBrief, kUsual, kDeep };

Depth DepthOfRun() {
  if (std::getenv("SLOTWISE_SANITIZER") != nullptr) return Depth::kBrief;
  return std::getenv("SLOTWISE_DEEP") != nullptr ? Depth::kDeep : Depth::kUsual;
}

StateSpaceOptions SpaceOf(const AllocatorOptions& options, uint64_t capacity) {
  return {.subject = SubjectOf(options, BlockCount(capacity))};
}

StateSpace Explore(const std::string& name, StateSpaceOptions options) {
  StateSpace space(std::move(options));
  const absl::Status status = space.Explore();
  EXPECT_TRUE(status.ok()) << name << ": " << status;
  std::cout << name << ": " << space.states() << " states, " << space.live_sets() << " live sets, "
            << space.transitions() << " transitions, depth " << space.depth() << "\n";
  return space;
}

// --- Fixed slots ------------------------------------------------------------------

AllocatorOptions FixedSlots(uint64_t slot) {
  AllocatorOptions options;
  options.engine = Engine::kFixedSlot;
  options.fixed_slot = BlockCount(slot);
  return options;
}

void ExploreFixedSlots(uint64_t capacity, uint64_t slot, size_t mark_extents_max) {
  StateSpaceOptions options = SpaceOf(FixedSlots(slot), capacity);
  options.mark_extents_max = mark_extents_max;
  const StateSpace space = Explore("fixed " + std::to_string(slot) + " of " + std::to_string(capacity), options);
  EXPECT_EQ(space.states(), uint64_t{1} << (capacity / slot)) << "every set of slots";
  EXPECT_EQ(space.live_sets(), space.states());
}

TEST(StateSpaceTest, FixedSlots) {
  ExploreFixedSlots(7, 2, 2);
  ExploreFixedSlots(12, 3, 1);
  ExploreFixedSlots(8, 1, 1);
  if (DepthOfRun() == Depth::kDeep) ExploreFixedSlots(12, 1, 1);
}

// --- Buddies ----------------------------------------------------------------------

AllocatorOptions Buddies(uint64_t smallest) {
  AllocatorOptions options;
  options.engine = Engine::kBuddy;
  options.buddy_smallest = BlockCount(smallest);
  return options;
}

// The live sets within a block: none, the block, or any others within its halves.
uint64_t BuddyLiveSets(uint64_t block, uint64_t smallest) {
  if (block == smallest) return 2;
  const uint64_t half = BuddyLiveSets(block / 2, smallest);
  return half * half + 1;
}

void ExploreBuddies(uint64_t capacity, uint64_t smallest, size_t mark_extents_max) {
  StateSpaceOptions options = SpaceOf(Buddies(smallest), capacity);
  options.mark_extents_max = mark_extents_max;
  const StateSpace space = Explore("buddy " + std::to_string(smallest) + " of " + std::to_string(capacity), options);
  uint64_t live_sets = 1;
  for (uint64_t left = capacity; left >= smallest; left -= std::bit_floor(left)) {
    live_sets *= BuddyLiveSets(std::bit_floor(left), smallest);
  }
  EXPECT_EQ(space.states(), live_sets) << "every set of aligned blocks";
  EXPECT_EQ(space.live_sets(), space.states());
}

TEST(StateSpaceTest, Buddies) {
  ExploreBuddies(7, 1, 2);
  ExploreBuddies(8, 1, 1);
  ExploreBuddies(11, 2, 1);
  ExploreBuddies(12, 2, 1);
  if (DepthOfRun() != Depth::kDeep) return;
  ExploreBuddies(11, 1, 1);
  ExploreBuddies(12, 1, 1);
}

// --- Slabs ------------------------------------------------------------------------

// What a slab engine remembers of a segment beyond its live slots.
struct SegmentMemory {
  size_t live = 0;
  BlockIndex bump;  // no slot from here on was used since the segment was empty
  size_t last_allocation = 0;
};

bool IsBorrowed(const SlabOptions& options, const HistoryStep& step) {
  const BlockCount slot = step.placement.blocks();
  return step.kind == HistoryStep::Kind::kAllocate && step.count < slot &&
         std::binary_search(options.full_sizes.begin(), options.full_sizes.end(), slot);
}

// The bump pointers, the borrowed slots and, for rebinding, the order of the last
// allocations.
std::string SlabMemory(const SlabOptions& options, const History& history) {
  std::map<uint64_t, SegmentMemory> segments;
  std::set<BlockIndex> borrowed;
  for (size_t i = 0; i < history.size(); ++i) {
    if (history[i].placement.empty()) continue;
    const Extent& slot = history[i].placement.front();
    const uint64_t index = slot.start().value() / options.segment.value();
    if (history[i].kind == HistoryStep::Kind::kFree) {
      borrowed.erase(slot.start());
      if (--segments[index].live == 0) segments.erase(index);
      continue;
    }
    SegmentMemory& segment = segments[index];
    segment = {segment.live + 1, std::max(segment.bump, slot.end()), i};
    if (IsBorrowed(options, history[i])) borrowed.insert(slot.start());
  }
  std::string memory;
  std::map<size_t, uint64_t> by_age;
  for (const auto& [index, segment] : segments) {
    memory.push_back(static_cast<char>(segment.bump.value()));
    by_age.emplace(segment.last_allocation, index);
  }
  for (BlockIndex slot : borrowed) memory.push_back(static_cast<char>(slot.value()));
  if (!options.rebind) return memory;
  for (const auto& [age, index] : by_age) memory.push_back(static_cast<char>(index));
  return memory;
}

// Segments of 4 blocks, Full slots of 2, Partial ones of 1 and 3; Full keeps half
// of the segments.
AllocatorOptions Slabs(bool rebind) {
  AllocatorOptions options;
  options.engine = Engine::kSlab;
  options.slab.segment = BlockCount(4);
  options.slab.full_sizes = {BlockCount(2)};
  options.slab.partial_max = BlockCount(3);
  options.slab.rebind = rebind;
  return options;
}

// The same, where Partial has a segment of its own and no other.
AllocatorOptions SharedSlabs(bool rebind) {
  AllocatorOptions options = Slabs(rebind);
  options.slab.partial_share_basis_points = 5000;
  options.slab.fallback = false;
  return options;
}

// Full slots of 2 and 4, Partial ones of 1: a payload of 3 can only borrow.
AllocatorOptions BorrowingSlabs(bool rebind) {
  AllocatorOptions options = Slabs(rebind);
  options.slab.full_sizes = {BlockCount(2), BlockCount(4)};
  options.slab.partial_max = BlockCount(1);
  return options;
}

// Segments of 2 blocks, so that three of them are few enough.
AllocatorOptions SmallSlabs(bool rebind) {
  AllocatorOptions options = Slabs(rebind);
  options.slab.segment = BlockCount(2);
  options.slab.partial_max = BlockCount(1);
  options.slab.full_reservation_basis_points = 3300;
  return options;
}

// In each segment: nothing, or any slots of one class.
uint64_t SlabLiveSets(const SlabOptions& options, uint64_t capacity) {
  std::vector<BlockCount> slots = options.full_sizes;
  const SizeClasses partial = PartialClasses(options);
  slots.insert(slots.end(), partial.sizes().begin(), partial.sizes().end());
  uint64_t live_sets = 1;
  for (uint64_t start = 0; start < capacity; start += options.segment.value()) {
    const uint64_t segment = std::min(options.segment.value(), capacity - start);
    uint64_t within = 1;
    for (BlockCount slot : slots) within += (uint64_t{1} << (segment / slot.value())) - 1;
    live_sets *= within;
  }
  return live_sets;
}

StateSpaceOptions SlabSpaceOf(const AllocatorOptions& options, uint64_t capacity) {
  StateSpaceOptions space = SpaceOf(options, capacity);
  space.memory = [slab = options.slab](const History& history) { return SlabMemory(slab, history); };
  return space;
}

// `states`: how many there are at least.
void ExploreSlabs(const std::string& name, const AllocatorOptions& options, uint64_t capacity, uint64_t states) {
  const StateSpace space =
      Explore("slab, " + name + ", of " + std::to_string(capacity), SlabSpaceOf(options, capacity));
  EXPECT_EQ(space.live_sets(), SlabLiveSets(options.slab, capacity)) << "every set of slots of the grids";
  EXPECT_GE(space.states(), states);
}

TEST(StateSpaceTest, Slabs) {
  ExploreSlabs("three segments", SmallSlabs(false), 6, 216);
  ExploreSlabs("a short segment", Slabs(false), 7, 569);
  if (DepthOfRun() == Depth::kBrief) return;
  ExploreSlabs("two segments", Slabs(false), 8, 1432);
  ExploreSlabs("a share", SharedSlabs(false), 8, 1024);
  ExploreSlabs("borrowing", BorrowingSlabs(false), 8, 1496);
}

TEST(StateSpaceTest, ReboundSlabs) {
  ExploreSlabs("two rebound segments", SmallSlabs(true), 4, 163);
  if (DepthOfRun() == Depth::kBrief) return;
  ExploreSlabs("three rebound segments", SmallSlabs(true), 6, 4088);
  ExploreSlabs("a short rebound segment", Slabs(true), 7, 9106);
  if (DepthOfRun() != Depth::kDeep) return;
  ExploreSlabs("two rebound segments", Slabs(true), 8, 26979);
  ExploreSlabs("a rebound share", SharedSlabs(true), 8, 25572);
}

// The demand that decides which segment is given away is not told apart above, so
// here nothing is merged.
TEST(StateSpaceTest, EveryShortHistoryOfReboundSlabs) {
  for (const auto& [name, slabs] : {std::pair("plain", Slabs(true)), std::pair("a share", SharedSlabs(true))}) {
    StateSpaceOptions options = SlabSpaceOf(slabs, 8);
    options.merge = false;
    options.marks_only_what_it_allocates = false;
    options.steps_max = DepthOfRun() == Depth::kBrief ? 2 : DepthOfRun() == Depth::kUsual ? 3 : 4;
    EXPECT_GE(Explore(std::string("slab, every history, ") + name, options).states(), 273u);
  }
}

// --- Extents ----------------------------------------------------------------------

// What the refusals left behind: the largest of them, the window that they laid, and
// what is still to be freed before it is given up. In so small a space each refusal lays
// one. That a size is the common one takes longer histories than these.
std::string ExtentMemory(BlockCount capacity, const History& history) {
  BlockCount free = capacity;
  BlockCount refused;
  BlockCount window;
  BlockCount left;
  for (const HistoryStep& step : history) {
    const BlockCount blocks = step.placement.blocks();
    if (step.kind == HistoryStep::Kind::kFree) {
      free += blocks;
      left -= std::min(left, blocks);
      continue;
    }
    free -= blocks;
    const bool is_like_refused = step.count * 2 > refused;
    const bool found_room = !step.placement.empty();
    const bool cannot_fit = step.count > free || step.count.value() > capacity.value() / 4;
    if (step.kind == HistoryStep::Kind::kMark || (found_room ? is_like_refused : cannot_fit)) {
      refused = window = left = BlockCount(0);
    } else if (!found_room && (window < step.count || left == BlockCount(0))) {
      refused = std::max(refused, step.count);
      window = left = step.count;
    }
  }
  if (refused == BlockCount(0)) return "";
  return {static_cast<char>(refused.value()), static_cast<char>(window.value()), static_cast<char>(left.value())};
}

// `states`: how many there are at least.
void ExploreExtents(uint64_t capacity, uint32_t extents_max, size_t mark_extents_max, uint64_t states) {
  AllocatorOptions extents;
  extents.engine = Engine::kExtent;
  extents.extent = {.extents_max = extents_max, .piece_min = BlockCount(1)};
  StateSpaceOptions options = SpaceOf(extents, capacity);
  options.memory = [=](const History& history) { return ExtentMemory(BlockCount(capacity), history); };
  options.mark_extents_max = mark_extents_max;
  options.marks_only_what_it_allocates = mark_extents_max == 1;
  options.refused_marks_leave_no_trace = false;
  const StateSpace space =
      Explore("extent " + std::to_string(extents_max) + " of " + std::to_string(capacity), options);
  EXPECT_GE(space.states(), states);
}

TEST(StateSpaceTest, Extents) {
  ExploreExtents(5, 2, 2, 44);
  ExploreExtents(6, 1, 1, 100);
  ExploreExtents(7, 2, 1, 241);
  if (DepthOfRun() != Depth::kDeep) return;
  ExploreExtents(8, 1, 1, 30317);
  ExploreExtents(8, 2, 1, 39643);
}

}  // namespace
}  // namespace slotwise
