// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_SEGMENT_TABLE_H_
#define SLOTWISE_ALLOCATOR_SEGMENT_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "allocator/requirement.h"
#include "allocator/slab.h"
#include "allocator/slot_grid.h"

namespace slotwise {

// A segment, while it is bound to a class; pristine while it is not. One cache line,
// for a call usually finds its segment cold.
struct alignas(64) SlabSegment {
  // The index that no segment has, and the one that no class has.
  static constexpr uint32_t kNoSegment = ~uint32_t{0};
  static constexpr uint16_t kNoClass = ~uint16_t{0};

  bool bound() const { return owner != kNoClass; }
  bool drains() const { return beneficiary != kNoClass; }

  Slab slab;
  uint32_t index = kNoSegment;  // among the segments of the space
  uint16_t owner = kNoClass;    // the class
  // The class that gets it, while it drains.
  uint16_t beneficiary = kNoClass;
  // When a slot of it was last allocated; grows from one allocation to the next.
  uint64_t last_allocation = 0;
  // Its neighbours among the owner's usable segments, while it does not drain.
  uint32_t colder = kNoSegment;
  uint32_t hotter = kNoSegment;
};

static_assert(sizeof(SlabSegment) == 64);

// The bound segments of a space, by index, in groups of 64. A group is made when the first of its segments is bound, so
// memory grows with the segments that were ever bound. Segments never move. Every operation but ForEach takes O(1).
class SegmentTable {
 public:
  // REQUIRES: segments < 2^32 - 1.
  explicit SegmentTable(uint64_t segments) : groups_((segments + kGroup - 1) / kGroup) {
    Require(segments < SlabSegment::kNoSegment, "too many segments");
  }

  // nullptr if it is not bound.
  SlabSegment* Find(uint64_t index) const {
    if (index / kGroup >= groups_.size() || groups_[index / kGroup] == nullptr) return nullptr;
    SlabSegment& segment = at(index);
    return segment.bound() ? &segment : nullptr;
  }
  // REQUIRES: it is bound.
  SlabSegment& at(uint64_t index) const { return (*groups_[index / kGroup])[index % kGroup]; }

  // Binds a segment to the class `owner`, which cuts it as `grid` says.
  // REQUIRES: `index` is in the space and not bound.
  SlabSegment* Bind(uint64_t index, uint16_t owner, const SlotGrid& grid);
  // REQUIRES: `segment` is bound.
  void Unbind(SlabSegment* segment) { *segment = SlabSegment(); }

  // Calls visit(segment) for all that are bound, lowest index first.
  void ForEach(absl::FunctionRef<void(const SlabSegment&)> visit) const;

 private:
  static constexpr size_t kGroup = 64;
  using Group = std::array<SlabSegment, kGroup>;

  std::vector<std::unique_ptr<Group>> groups_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_SEGMENT_TABLE_H_
