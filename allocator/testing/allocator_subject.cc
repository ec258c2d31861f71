// SPDX-License-Identifier: Apache-2.0
#include "allocator/testing/allocator_subject.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "allocator/testing/refusal_bound.h"
#include "glog/logging.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

bool IsFullSize(const SlabOptions& options, BlockCount count) {
  return std::binary_search(options.full_sizes.begin(), options.full_sizes.end(), count);
}

bool SlabWastesLittle(const SlabOptions& options, BlockCount count, BlockCount blocks) {
  if (IsFullSize(options, count)) return blocks == count;
  if (IsFullSize(options, blocks)) return options.fallback;
  if (count < options.partial_min) return blocks <= options.partial_min;
  const uint64_t divisor = FindSizeClassRule(options.size_class_rule)->waste_divisor;
  return (blocks - count).value() * divisor < count.value() + divisor;
}

bool WastesLittle(const AllocatorOptions& options, BlockCount count, const Placement& placement) {
  const BlockCount blocks = placement.blocks();
  switch (options.engine) {
    case Engine::kFixedSlot:
      return blocks == options.fixed_slot;
    case Engine::kBuddy:
      return blocks - count < count || blocks == options.buddy_smallest;
    case Engine::kSlab:
      return SlabWastesLittle(options.slab, count, blocks);
    case Engine::kExtent:
      return blocks == count;
  }
  return false;
}

BlockCount LargestExtentAllocation(BlockCount capacity) {
  return BlockCount(std::max<uint64_t>(1, capacity.value() / 4));
}

bool MayRefuse(const AllocatorOptions& options, BlockCount capacity, BlockCount count,
               const std::vector<Extent>& free_runs) {
  switch (options.engine) {
    case Engine::kFixedSlot:
      return FixedSlotMayRefuse(options.fixed_slot, count, free_runs);
    case Engine::kBuddy:
      return BuddyMayRefuse(options.buddy_smallest, count, free_runs);
    case Engine::kSlab:
      return SlabMayRefuse(options.slab, capacity, count, free_runs);
    case Engine::kExtent:
      return count > LargestExtentAllocation(capacity) ||
             ScatterMayRefuse({options.extent.extents_max, options.extent.piece_min}, count, free_runs);
  }
  return false;
}

// What the engine remembers of its history besides the live placements.
void SetLikeness(Engine engine, AllocatorSubject& subject) {
  switch (engine) {
    case Engine::kFixedSlot:
    case Engine::kBuddy:
      return;
    case Engine::kSlab:
      // Which slots were ever used, what was asked for and what was borrowed; after
      // Mark alone only the age of the segments, which the first refusal asks for.
      subject.marked = Likeness::kUntilRefusal;
      subject.aged = Likeness::kFreeBlocks;
      subject.emptied = Likeness::kUntilRefusal;
      return;
    case Engine::kExtent:
      // The order of equal runs, and what is parked.
      subject.aged = Likeness::kFreeBlocks;
      subject.emptied = Likeness::kRoom;
      return;
  }
}

}  // namespace

AllocatorSubject SubjectOf(const AllocatorOptions& options, BlockCount capacity) {
  AllocatorSubject subject;
  subject.create = [=] {
    auto allocator = CreateAllocator(options, capacity);
    CHECK(allocator.ok()) << allocator.status();
    return *std::move(allocator);
  };
  subject.wastes_little = [=](BlockCount count, const Placement& placement) {
    return WastesLittle(options, count, placement);
  };
  subject.may_refuse = [=](BlockCount count, const std::vector<Extent>& free_runs) {
    return MayRefuse(options, capacity, count, free_runs);
  };
  subject.eviction_makes_room = options.engine != Engine::kSlab || options.slab.rebind;
  SetLikeness(options.engine, subject);
  return subject;
}

}  // namespace slotwise
