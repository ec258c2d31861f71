// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_TESTING_REFUSAL_BOUND_H_
#define SLOTWISE_ALLOCATOR_TESTING_REFUSAL_BOUND_H_

#include <cstdint>
#include <vector>

#include "allocator/extent.h"
#include "allocator/slab_options.h"

namespace slotwise {

// When an engine may refuse a request for `count` blocks, judged by nothing but
// its options and `free_runs`, the maximal runs of free blocks, ascending. The
// proofs are in docs/assurance.md.

// No slot of the grid is free, or none is large enough.
bool FixedSlotMayRefuse(BlockCount slot, BlockCount count, const std::vector<Extent>& free_runs);

// No aligned block of the request's order is free.
bool BuddyMayRefuse(BlockCount smallest, BlockCount count, const std::vector<Extent>& free_runs);

// At most as many segments are free as the other kind of payload has reserved, or
// no class serves the request.
bool SlabMayRefuse(const SlabOptions& options, BlockCount capacity, BlockCount count,
                   const std::vector<Extent>& free_runs);

// How a payload may be scattered: into at most `extents_max` pieces, each of at
// least `piece_min` blocks but the last.
// REQUIRES: extents_max > 0.
struct ScatterLimits {
  uint32_t extents_max = 1;
  BlockCount piece_min{1};
};

// The size from which free runs serve a request, for an engine that takes runs
// that no other exceeds by more than a sixteenth: 17/16 of the larger of piece_min
// and an even share of the request, rounded down.
BlockCount ServingRun(const ScatterLimits& limits, BlockCount count);

// Fewer than extents_max runs are serving ones, and together these are smaller
// than the request.
bool ScatterMayRefuse(const ScatterLimits& limits, BlockCount count, const std::vector<Extent>& free_runs);

// How many blocks may be free at most when ScatterMayRefuse.
BlockCount ScatterFreeBound(const ScatterLimits& limits, BlockCount count, const std::vector<Extent>& free_runs);

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_TESTING_REFUSAL_BOUND_H_
