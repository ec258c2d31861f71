// SPDX-License-Identifier: Apache-2.0
#include "allocator/fixed_slot_allocator.h"

#include "glog/logging.h"

namespace slotwise {
namespace {

uint64_t SlotsIn(BlockCount capacity, BlockCount slot) {
  CHECK_GT(slot, BlockCount(0));
  CHECK_LE(slot, capacity);
  CHECK_LT(slot, kMaxSpace);
  CHECK_LE(capacity, kMaxSpace);
  return capacity.value() / slot.value();
}

}  // namespace

FixedSlotAllocator::FixedSlotAllocator(BlockCount capacity, BlockCount slot)
    : capacity_(capacity),
      grid_{BlockIndex(), slot, SlotsIn(capacity, slot)},
      free_(grid_.slots, HierarchicalBitmap::Initial::kSet) {}

std::optional<Placement> FixedSlotAllocator::Allocate(BlockCount count) {
  CHECK_GT(count, BlockCount(0));
  if (count > grid_.slot) return std::nullopt;
  const std::optional<uint64_t> slot = free_.FindFirst();
  if (!slot) return std::nullopt;
  free_.Clear(*slot);
  return Placement(grid_.ExtentOf(*slot));
}

void FixedSlotAllocator::Free(const Placement& placement) {
  const std::optional<uint64_t> slot = IndexOf(placement);
  CHECK(slot.has_value() && !free_.Test(*slot)) << placement << " is not live";
  free_.Set(*slot);
}

bool FixedSlotAllocator::Mark(const Placement& placement) {
  const std::optional<uint64_t> slot = IndexOf(placement);
  if (!slot || !free_.Test(*slot)) return false;
  free_.Clear(*slot);
  return true;
}

bool FixedSlotAllocator::Helps(const Placement& victim, BlockCount count) const {
  CHECK(IndexOf(victim).has_value()) << victim << " is not a slot";
  return count <= grid_.slot;
}

BlockCount FixedSlotAllocator::free_blocks() const { return capacity_ - grid_.slot * (free_.size() - free_.count()); }

void FixedSlotAllocator::CheckInvariants() const { free_.CheckInvariants(); }

std::optional<uint64_t> FixedSlotAllocator::IndexOf(const Placement& placement) const {
  return placement.size() == 1 ? grid_.IndexOf(placement.front()) : std::nullopt;
}

}  // namespace slotwise
