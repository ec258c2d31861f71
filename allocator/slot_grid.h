// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_SLOT_GRID_H_
#define SLOTWISE_ALLOCATOR_SLOT_GRID_H_

#include <cstdint>
#include <optional>

#include "allocator/extent.h"

namespace slotwise {

// A row of `slots` equal slots of `slot` blocks each, from `start`.
// REQUIRES: slot > 0, and the row ends within kMaxSpace.
struct SlotGrid {
  BlockIndex start;
  BlockCount slot;
  uint64_t slots = 0;

  // The index of the slot that is exactly `extent`; nullopt if there is none.
  std::optional<uint64_t> IndexOf(const Extent& extent) const {
    if (extent.count() != slot || extent.start() < start) return std::nullopt;
    const BlockCount offset = extent.start() - start;
    const uint64_t index = offset.value() / slot.value();
    if (slot * index != offset || index >= slots) return std::nullopt;
    return index;
  }

  // REQUIRES: index < slots.
  Extent ExtentOf(uint64_t index) const { return Extent(start + slot * index, slot); }
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_SLOT_GRID_H_
