// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_CLASS_DEMAND_H_
#define SLOTWISE_ALLOCATOR_CLASS_DEMAND_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "allocator/extent.h"
#include "allocator/payload_kind.h"

namespace slotwise {

// How many blocks each class was asked for recently. The sums are halved, all at once, whenever another window of
// blocks has been asked for, so they cover one to two windows of requests. Halving takes O(classes), and at least as
// many requests lie between two halvings: a request takes amortised O(1).
class ClassDemand {
 public:
  // One class per element of `kinds`.
  // REQUIRES: `kinds` is not empty.
  ClassDemand(std::vector<PayloadKind> kinds, BlockCount window)
      : kinds_(std::move(kinds)), window_(window), sums_(kinds_.size()) {}

  // Adds blocks that a class holds without a recent request: the live set after a restart.
  void Add(size_t index, BlockCount blocks) {
    sums_[index] += blocks.value();
    totals_[KindIndex(kinds_[index])] += blocks.value();
  }
  // Adds a request; true if that ended a window, so that the sums were halved.
  bool Request(size_t index, BlockCount blocks) {
    Add(index, blocks);
    blocks_since_halving_ += blocks;
    ++requests_since_halving_;
    if (blocks_since_halving_ < window_ || requests_since_halving_ < sums_.size()) return false;
    Halve();
    return true;
  }

  uint64_t of(size_t index) const { return sums_[index]; }
  uint64_t total(PayloadKind kind) const { return totals_[KindIndex(kind)]; }
  uint64_t total() const { return total(PayloadKind::kFull) + total(PayloadKind::kPartial); }

  // Recounts the totals; aborts on an inconsistency.
  void CheckInvariants() const;

 private:
  void Halve();
  std::array<uint64_t, kPayloadKinds> Recount() const;

  std::vector<PayloadKind> kinds_;
  BlockCount window_;
  BlockCount blocks_since_halving_;
  uint64_t requests_since_halving_ = 0;
  std::vector<uint64_t> sums_;
  std::array<uint64_t, kPayloadKinds> totals_{};
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_CLASS_DEMAND_H_
