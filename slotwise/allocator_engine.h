// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_ENGINE_H_
#define SLOTWISE_ALLOCATOR_ENGINE_H_

#include <cstdint>

namespace slotwise {

// How a store divides its space among payloads; docs/design.md compares them.
// The values are stored on devices: never renumber.
enum class AllocatorEngine : uint8_t {
  kFixedSlot = 0,
  kBuddy = 1,
  kSlab = 2,
  kExtent = 3,
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_ENGINE_H_
