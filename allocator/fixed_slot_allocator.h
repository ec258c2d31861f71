// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_FIXED_SLOT_ALLOCATOR_H_
#define SLOTWISE_ALLOCATOR_FIXED_SLOT_ALLOCATOR_H_

#include <cstdint>
#include <optional>

#include "allocator/allocator.h"
#include "allocator/extent.h"
#include "allocator/hierarchical_bitmap.h"
#include "allocator/slot_grid.h"

namespace slotwise {

// The whole space cut into slots of one size, lowest address first: the baseline of every experiment. Blocks behind the
// last whole slot are never used. Every operation takes O(log64 slots).
//
// Waste: the slot less the payload.
class FixedSlotAllocator final : public Allocator {
 public:
  // REQUIRES: 0 < slot <= capacity <= kMaxSpace, and slot < kMaxSpace.
  FixedSlotAllocator(BlockCount capacity, BlockCount slot);

  std::optional<Placement> Allocate(BlockCount count) override;
  // Aborts if `placement` is not a live slot.
  void Free(const Placement& placement) override;
  bool Mark(const Placement& placement) override;
  bool Helps(const Placement& victim, BlockCount count) const override;
  BlockCount FootprintOf(BlockCount /*count*/) const override { return grid_.slot; }
  BlockCount largest_allocation() const override { return grid_.slot; }
  BlockCount capacity() const override { return capacity_; }
  BlockCount free_blocks() const override;
  void CheckInvariants() const override;

 private:
  // The slot that `placement` is exactly, if it is one.
  std::optional<uint64_t> IndexOf(const Placement& placement) const;

  BlockCount capacity_;
  SlotGrid grid_;
  HierarchicalBitmap free_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_FIXED_SLOT_ALLOCATOR_H_
