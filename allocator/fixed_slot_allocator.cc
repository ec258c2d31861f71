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
    : capacity_(capacity), slot_(slot), free_(SlotsIn(capacity, slot), HierarchicalBitmap::Initial::kSet) {}

std::optional<Placement> FixedSlotAllocator::Allocate(BlockCount count) {
  CHECK_GT(count, BlockCount(0));
  if (count > slot_) return std::nullopt;
  const std::optional<uint64_t> slot = free_.FindFirst();
  if (!slot) return std::nullopt;
  free_.Clear(*slot);
  return Placement(Extent(BlockIndex() + slot_ * *slot, slot_));
}

void FixedSlotAllocator::Free(const Placement& placement) {
  const std::optional<uint64_t> slot = SlotOf(placement);
  CHECK(slot.has_value() && !free_.Test(*slot)) << placement << " is not live";
  free_.Set(*slot);
}

bool FixedSlotAllocator::Mark(const Placement& placement) {
  const std::optional<uint64_t> slot = SlotOf(placement);
  if (!slot || !free_.Test(*slot)) return false;
  free_.Clear(*slot);
  return true;
}

bool FixedSlotAllocator::Helps(const Placement& victim, BlockCount count) const {
  CHECK(SlotOf(victim).has_value()) << victim << " is not a slot";
  return count <= slot_;
}

BlockCount FixedSlotAllocator::free_blocks() const { return capacity_ - slot_ * (free_.size() - free_.count()); }

void FixedSlotAllocator::CheckInvariants() const { free_.CheckInvariants(); }

std::optional<uint64_t> FixedSlotAllocator::SlotOf(const Placement& placement) const {
  if (placement.size() != 1 || placement.front().count() != slot_) return std::nullopt;
  const uint64_t start = placement.front().start().value();
  const uint64_t slot = start / slot_.value();
  if (start % slot_.value() != 0 || slot >= free_.size()) return std::nullopt;
  return slot;
}

}  // namespace slotwise
