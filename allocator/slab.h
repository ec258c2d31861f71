// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_SLAB_H_
#define SLOTWISE_ALLOCATOR_SLAB_H_

#include <algorithm>
#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_set.h"
#include "allocator/extent.h"
#include "allocator/free_slots.h"
#include "allocator/requirement.h"
#include "allocator/slot_grid.h"

namespace slotwise {

// A segment cut into equal slots. Slots are handed out in order until each was
// used once (the bump pointer), then the lowest free one (the bitmap). Every
// operation takes O(log64 slots).
class Slab {
 public:
  // No slots at all.
  Slab() = default;
  // REQUIRES: 0 < grid.slots < 2^32.
  explicit Slab(const SlotGrid& grid)
      : first_(grid.ExtentOf(0)), slots_(static_cast<uint32_t>(grid.slots)), free_(grid.slots) {}

  SlotGrid grid() const { return {first_.start(), first_.count(), slots_}; }
  BlockCount slot() const { return first_.count(); }
  uint64_t slots() const { return slots_; }
  uint64_t slots_used() const { return slots() - free_.count(); }
  bool full() const { return free_.none(); }
  bool empty() const { return free_.all(slots()); }

  // REQUIRES: index < slots().
  bool IsFree(uint64_t index) const { return free_.Test(index); }

  // The slot to hand out next.
  // REQUIRES: !full().
  uint64_t NextFree() const {
    Require(!full(), "no slot is free");
    return bump_ < slots() ? bump_ : free_.First();
  }
  // REQUIRES: IsFree(index).
  void Take(uint64_t index) {
    free_.Clear(index);
    bump_ = std::max(bump_, static_cast<uint32_t>(index + 1));
  }
  // REQUIRES: !IsFree(index).
  void Free(uint64_t index) {
    free_.Set(index);
    if (borrowed_ != nullptr) borrowed_->erase(index);
  }

  // Whether a Partial payload borrows the slot; forgotten when it is freed.
  bool IsBorrowed(uint64_t index) const { return borrowed_ != nullptr && borrowed_->contains(index); }
  uint64_t slots_borrowed() const { return borrowed_ == nullptr ? 0 : borrowed_->size(); }
  // REQUIRES: !IsFree(index).
  void SetBorrowed(uint64_t index);

  void CheckInvariants() const;

 private:
  Extent first_;  // the first slot
  uint32_t slots_ = 0;
  // No slot from here on was ever used.
  uint32_t bump_ = 0;
  FreeSlots free_;
  // Made for the first that is borrowed.
  std::unique_ptr<absl::flat_hash_set<uint64_t>> borrowed_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_SLAB_H_
