// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_SLAB_SEGMENT_H_
#define SLOTWISE_ALLOCATOR_SLAB_SEGMENT_H_

#include <cstdint>

#include "allocator/slab.h"

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

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_SLAB_SEGMENT_H_
