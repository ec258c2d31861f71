// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_SLAB_OPTIONS_H_
#define SLOTWISE_ALLOCATOR_SLAB_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "allocator/extent.h"
#include "allocator/size_classes.h"

namespace slotwise {

// How SlabAllocator cuts a space. Whole numbers only, so that a device stores
// them exactly; shares are in basis points, 1/10,000.
struct SlabOptions {
  static constexpr size_t kMaxFullSizes = 16;
  static constexpr BlockCount kMaxSegment{uint64_t{1} << 31};

  // The unit that changes hands between classes. A power of two.
  BlockCount segment;

  // Ascending. A payload of exactly one of these sizes is Full and gets a slot
  // of exactly that size; every other payload is Partial.
  std::vector<BlockCount> full_sizes;

  // The smallest and the largest slot for Partial payloads, and the SizeClassRule
  // of the slots between them.
  BlockCount partial_min{1};
  BlockCount partial_max{1};
  uint8_t size_class_rule = 8;

  // The part of all segments that is Partial's own: Full never takes it.
  uint32_t partial_share_basis_points = 0;
  // The part of all segments that Partial, when it borrows, leaves to Full.
  uint32_t full_reservation_basis_points = 5000;

  // Whether Partial may borrow from Full at all: segments beyond its share, and
  // single slots when no segment is to be had.
  bool fallback = true;
  // Whether segments move between classes when demand does.
  bool rebind = true;

  friend bool operator==(const SlabOptions&, const SlabOptions&) = default;
};

// The largest slot that any class may have.
// REQUIRES: `full_sizes` is not empty.
BlockCount LargestSlot(const SlabOptions& options);

// The classes of Partial payloads: no slot has a Full size.
// REQUIRES: `options` are valid.
SizeClasses PartialClasses(const SlabOptions& options);

// How many segments a space has. The last one may be shorter than the others:
// it counts when it holds a slot of every class, so that every segment can
// serve every class.
// REQUIRES: options.segment > 0 and `full_sizes` is not empty.
uint64_t SegmentCount(const SlabOptions& options, BlockCount capacity);

// `basis_points` of `segments`, rounded to the nearest whole segment.
uint64_t SegmentsOfShare(uint32_t basis_points, uint64_t segments);

// OK if a SlabAllocator over `capacity` blocks can be made; else an
// InvalidArgument that names the option, its value and what is allowed.
absl::Status Validate(const SlabOptions& options, BlockCount capacity);

// Options that suit payloads of `full_sizes` (any order, repeats allowed).
// The segment is the smallest that holds at least 8 of the largest slot and
// leaves less than 2 % of itself unused behind the last slot of every Full size,
// while at least 32 segments exist; when the capacity is too small for both, the
// one that leaves least, and at least one largest slot. Partial ranges from 1/64
// of the smallest Full size to just below the largest. The result may still be
// refused by Validate, when the sizes do not suit the capacity at all.
// REQUIRES: `full_sizes` is not empty; every size is in [1, kMaxSpace].
SlabOptions SlabDefaults(BlockCount capacity, std::span<const BlockCount> full_sizes);

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_SLAB_OPTIONS_H_
