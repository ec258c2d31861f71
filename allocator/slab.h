// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_SLAB_H_
#define SLOTWISE_ALLOCATOR_SLAB_H_

#include <algorithm>
#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_set.h"
#include "allocator/extent.h"
#include "allocator/free_slots.h"
#include "allocator/slot_grid.h"
#include "glog/logging.h"

namespace slotwise {

// A segment cut into equal slots. Slots are handed out in order until each was
// used once (the bump pointer), then the lowest free one (the bitmap). Every
// operation takes O(log64 slots).
class Slab {
 public:
  // REQUIRES: grid.slots > 0.
  explicit Slab(const SlotGrid& grid) : grid_(grid), free_(grid.slots) {}

  const SlotGrid& grid() const { return grid_; }
  BlockCount slot() const { return grid_.slot; }
  uint64_t slots() const { return grid_.slots; }
  uint64_t slots_used() const { return slots() - free_.count(); }
  bool full() const { return free_.empty(); }
  bool empty() const { return free_.count() == slots(); }

  // REQUIRES: index < slots().
  bool IsFree(uint64_t index) const { return free_.Test(index); }

  // The slot to hand out next.
  // REQUIRES: !full().
  uint64_t NextFree() const {
    CHECK(!full());
    return bump_ < slots() ? bump_ : free_.First();
  }
  // REQUIRES: IsFree(index).
  void Take(uint64_t index) {
    free_.Clear(index);
    bump_ = std::max(bump_, index + 1);
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
  SlotGrid grid_;
  // No slot from here on was ever used.
  uint64_t bump_ = 0;
  FreeSlots free_;
  // Made for the first that is borrowed.
  std::unique_ptr<absl::flat_hash_set<uint64_t>> borrowed_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_SLAB_H_
