// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_FREE_SLOTS_H_
#define SLOTWISE_ALLOCATOR_FREE_SLOTS_H_

#include <bit>
#include <cstdint>
#include <memory>

#include "allocator/hierarchical_bitmap.h"
#include "allocator/requirement.h"

namespace slotwise {

// Which of the slots of one slab are free: a single word where that is enough, else a
// HierarchicalBitmap. All are free at first. Every operation takes O(log64 slots).
class FreeSlots {
 public:
  // Of no slots at all.
  FreeSlots() = default;
  // REQUIRES: slots > 0.
  explicit FreeSlots(uint64_t slots) {
    if (slots > kWordBits) {
      many_ = std::make_unique<HierarchicalBitmap>(slots, HierarchicalBitmap::Initial::kSet);
    } else {
      few_ = LowBits(slots);
    }
  }

  uint64_t count() const { return many_ == nullptr ? std::popcount(few_) : many_->count(); }
  bool none() const { return many_ == nullptr ? few_ == 0 : many_->count() == 0; }
  // REQUIRES: `slots` is what it was made with.
  bool all(uint64_t slots) const { return many_ == nullptr ? few_ == LowBits(slots) : many_->count() == slots; }

  // REQUIRES for these: index < slots.
  bool Test(uint64_t index) const { return many_ == nullptr ? (few_ & BitOf(index)) != 0 : many_->Test(index); }
  // REQUIRES: !Test(index).
  void Set(uint64_t index) {
    if (many_ != nullptr) return many_->Set(index);
    Require(!Test(index), "the slot is free already");
    few_ ^= BitOf(index);
  }
  // REQUIRES: Test(index).
  void Clear(uint64_t index) {
    if (many_ != nullptr) return many_->Clear(index);
    Require(Test(index), "the slot is taken already");
    few_ ^= BitOf(index);
  }
  // The lowest free slot.
  // REQUIRES: !none().
  uint64_t First() const { return many_ == nullptr ? std::countr_zero(few_) : *many_->FindFirst(); }

  void CheckInvariants() const {
    if (many_ != nullptr) many_->CheckInvariants();
  }

 private:
  static constexpr uint64_t kWordBits = 64;

  // REQUIRES: 0 < bits <= kWordBits.
  static uint64_t LowBits(uint64_t bits) { return ~uint64_t{0} >> (kWordBits - bits); }
  // REQUIRES: index < kWordBits.
  static uint64_t BitOf(uint64_t index) { return uint64_t{1} << index; }

  uint64_t few_ = 0;
  std::unique_ptr<HierarchicalBitmap> many_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_FREE_SLOTS_H_
