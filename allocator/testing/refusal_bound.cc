// SPDX-License-Identifier: Apache-2.0
#include "allocator/testing/refusal_bound.h"

#include <algorithm>
#include <bit>

#include "allocator/size_classes.h"

namespace slotwise {
namespace {

// How many units of `unit` blocks, each at a multiple of its size, are wholly free.
uint64_t WholeUnits(BlockCount unit, const std::vector<Extent>& free_runs) {
  uint64_t units = 0;
  for (const Extent& run : free_runs) {
    const uint64_t first = (run.start().value() + unit.value() - 1) / unit.value();
    const uint64_t end = run.end().value() / unit.value();
    units += end > first ? end - first : 0;
  }
  return units;
}

uint64_t FreeSegments(const SlabOptions& options, BlockCount capacity, const std::vector<Extent>& free_runs) {
  const uint64_t whole_segments = capacity.value() / options.segment.value();
  const BlockIndex short_one = BlockIndex() + options.segment * whole_segments;
  const bool short_one_is_free = SegmentCount(options, capacity) > whole_segments && !free_runs.empty() &&
                                 free_runs.back().start() <= short_one &&
                                 free_runs.back().end() == BlockIndex() + capacity;
  return WholeUnits(options.segment, free_runs) + (short_one_is_free ? 1 : 0);
}

struct ServingRuns {
  uint64_t runs = 0;
  BlockCount blocks;
};

ServingRuns CountServing(BlockCount serving_run, const std::vector<Extent>& free_runs) {
  ServingRuns serving;
  for (const Extent& run : free_runs) {
    if (run.count() < serving_run) continue;
    ++serving.runs;
    serving.blocks += run.count();
  }
  return serving;
}

}  // namespace

bool FixedSlotMayRefuse(BlockCount slot, BlockCount count, const std::vector<Extent>& free_runs) {
  return count > slot || WholeUnits(slot, free_runs) == 0;
}

bool BuddyMayRefuse(BlockCount smallest, BlockCount count, const std::vector<Extent>& free_runs) {
  return WholeUnits(std::max(smallest, BlockCount(std::bit_ceil(count.value()))), free_runs) == 0;
}

bool SlabMayRefuse(const SlabOptions& options, BlockCount capacity, BlockCount count,
                   const std::vector<Extent>& free_runs) {
  const uint64_t segments = SegmentCount(options, capacity);
  const uint64_t share = SegmentsOfShare(options.partial_share_basis_points, segments);
  const uint64_t reservation = SegmentsOfShare(options.full_reservation_basis_points, segments);
  const uint64_t free = FreeSegments(options, capacity, free_runs);
  const auto& full_sizes = options.full_sizes;
  if (std::binary_search(full_sizes.begin(), full_sizes.end(), count)) return free <= share;
  const SizeClasses partial = PartialClasses(options);
  if (partial.ClassOf(count) < partial.size()) {
    return free <= segments - share && (!options.fallback || free <= reservation);
  }
  const auto lender = std::lower_bound(full_sizes.begin(), full_sizes.end(), count);
  const bool may_borrow = options.fallback && lender != full_sizes.end() &&
                          options.segment * reservation + *lender <= options.segment * segments;
  return !may_borrow || free <= std::max(reservation, share);
}

BlockCount ServingRun(const ScatterLimits& limits, BlockCount count) {
  const BlockCount even_share((count.value() + limits.extents_max - 1) / limits.extents_max);
  const uint64_t needed = std::max(limits.piece_min, even_share).value();
  return BlockCount(needed + needed / 16);
}

bool ScatterMayRefuse(const ScatterLimits& limits, BlockCount count, const std::vector<Extent>& free_runs) {
  const ServingRuns serving = CountServing(ServingRun(limits, count), free_runs);
  return serving.runs < limits.extents_max && serving.blocks < count;
}

BlockCount ScatterFreeBound(const ScatterLimits& limits, BlockCount count, const std::vector<Extent>& free_runs) {
  const BlockCount serving_run = ServingRun(limits, count);
  const uint64_t others = free_runs.size() - CountServing(serving_run, free_runs).runs;
  return count - BlockCount(1) + (serving_run - BlockCount(1)) * others;
}

}  // namespace slotwise
