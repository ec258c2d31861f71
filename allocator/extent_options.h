// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_EXTENT_OPTIONS_H_
#define SLOTWISE_ALLOCATOR_EXTENT_OPTIONS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "allocator/extent.h"

namespace slotwise {

// How an ExtentAllocator scatters a payload that no free run can hold whole
// (docs/decisions/0006).
struct ExtentOptions {
  // The most pieces of one payload; 1: contiguous or not at all.
  uint32_t extents_max = Placement::kMaxExtents;
  // The smallest piece, but for the last one: what a device reads at full speed.
  BlockCount piece_min{32};

  friend bool operator==(const ExtentOptions&, const ExtentOptions&) = default;
};

// OK if an ExtentAllocator can be made; else an InvalidArgument that names the
// option, its value and what is allowed.
absl::Status Validate(const ExtentOptions& options);

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_EXTENT_OPTIONS_H_
