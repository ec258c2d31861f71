// SPDX-License-Identifier: Apache-2.0
#include "fuzz/allocator_subject.h"

#include <algorithm>
#include <utility>

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
  const uint64_t steps = options.steps_per_doubling;
  return (blocks - count).value() * steps < count.value() + steps;
}

bool WastesLittle(const AllocatorOptions& options, BlockCount count, BlockCount blocks) {
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

}  // namespace

AllocatorSubject SubjectOf(const AllocatorOptions& options, BlockCount capacity) {
  AllocatorSubject subject;
  subject.create = [=] {
    auto allocator = CreateAllocator(options, capacity);
    CHECK(allocator.ok()) << allocator.status();
    return *std::move(allocator);
  };
  subject.wastes_little = [=](BlockCount count, const Placement& placement) {
    return WastesLittle(options, count, placement.blocks());
  };
  subject.eviction_makes_room = options.engine != Engine::kSlab || options.slab.rebind;
  return subject;
}

}  // namespace slotwise
