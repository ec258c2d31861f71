// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_EXTENT_ALLOCATOR_H_
#define SLOTWISE_ALLOCATOR_EXTENT_ALLOCATOR_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "allocator/allocator.h"
#include "allocator/boundary_map.h"
#include "allocator/extent.h"
#include "allocator/extent_options.h"
#include "allocator/free_runs.h"
#include "allocator/magazine.h"

namespace slotwise {

// Exactly as many blocks as the payload has. Boundary tags (Knuth, The Art of
// Computer Programming, volume 1, section 2.5, algorithm C), kept beside the space
// and not in it: a BoundaryMap knows the extent that starts at a block and the free
// run that ends there, so a freed extent merges with both neighbours at once.
// FreeRuns finds a run that fits well. No two free runs touch.
//
// Scatter. When no free run holds the payload, it gets the largest runs, at most
// extents_max pieces, each of at least piece_min blocks but the last. So space that
// is free in pieces serves large payloads too; docs/assurance.md derives when a
// request is refused nevertheless.
//
// Evacuation. A request that is refused although there are enough free blocks finds
// them in pieces too small. As a rule one more eviction makes a piece that is large
// enough, so at first any victim helps. Once 16/extents_max times as many blocks as the
// request has were freed in vain, or 1/(16 extents_max) of the space more is free than it
// needs, a window of its size is laid, from the start of a largest free run on. Then
// Helps is true of the placements in the window alone, and once these are gone the
// request fits. So a request costs evictions of a few times its own size at most, however
// much smaller the payloads are that are evicted. Once as many blocks have been freed as
// the window has, in vain, it is laid elsewhere: something in it cannot be evicted. A
// request of more than half the size that finds room ends it.
//
// Magazine. Freed extents of the commonest size are parked: they count as free but
// stay whole for the next request. All are given up before a request is scattered
// or refused.
//
// Restart. Mark fills bitmaps, in any order; the first call of Allocate or Free walks
// them once and makes boundaries and runs, in O(capacity / 64 + extents). A Mark
// after that goes the way back, at the same cost: marks belong before the first
// Allocate.
//
// Allocate, Free and Helps take O(1) expected; the worst is a growing table of
// BoundaryMap, bounded by a constant. Memory: 8 bytes over the load of a table for
// each extent and each free run, and 16 for each run.
//
// Waste: none.
class ExtentAllocator final : public Allocator {
 public:
  // REQUIRES: 0 < capacity <= kMaxSpace, Validate(options) is OK.
  ExtentAllocator(BlockCount capacity, const ExtentOptions& options);
  ~ExtentAllocator() override;

  std::optional<Placement> Allocate(BlockCount count) override;
  // Aborts if an extent of `placement` is not live.
  void Free(const Placement& placement) override;
  bool Mark(const Placement& placement) override;
  bool Helps(const Placement& victim, BlockCount count) const override;
  BlockCount FootprintOf(BlockCount count) const override { return count; }
  // A quarter of the capacity.
  BlockCount largest_allocation() const override;
  BlockCount capacity() const override { return capacity_; }
  BlockCount free_blocks() const override { return free_blocks_; }
  void CheckInvariants() const override;

  // Of the free runs; 0 if there is none, or while marks go on. O(1).
  BlockCount largest_free_run() const;
  uint64_t free_run_count() const { return runs_.size(); }

 private:
  struct Marks;

  BlockIndex space_end() const { return BlockIndex() + capacity_; }
  // Or the one at the end of the space.
  Boundary BoundaryAt(BlockIndex position);

  // Takes the first `count` blocks of a run.
  Extent TakeFrom(RunId run, BlockCount count);
  // REQUIRES: the magazine has such an extent.
  Placement TakeParked(BlockCount count);
  std::optional<Placement> AllocateFromRuns(BlockCount count);
  std::optional<Placement> Scatter(BlockCount count);
  // The run that the next piece comes from, when `left` blocks are still to be placed.
  RunId FindPiece(BlockCount left, bool is_last) const;

  void FreeExtent(const Extent& extent);
  // Makes a used extent a free run, or part of its neighbours'.
  void Release(const Extent& extent, Boundary boundary);
  void ReleaseBetween(RunId left, RunId right, const Extent& extent);
  void ReleaseParked();

  void NoteRefusal(BlockCount count);
  void LayWindow(BlockCount count);
  void ForgetRefusals();
  // More than half of what was refused.
  bool IsLikeRefused(BlockCount count) const { return count * 2 > refused_ && refused_ > BlockCount(0); }

  bool IsWellFormed(const Placement& placement) const;
  // False and unchanged if any block is marked already.
  bool Claim(const Placement& placement);
  void BeginMarks();
  void EndMarks();

  void CheckMarks() const;
  void CheckNeighbours() const;

  const BlockCount capacity_;
  const ExtentOptions options_;
  BlockCount free_blocks_;
  BoundaryMap boundaries_;
  FreeRuns runs_;
  Magazine magazine_;
  uint64_t freed_blocks_ = 0;  // ever, by Free
  BlockCount refused_;         // the largest request for want of large pieces; 0: none
  uint64_t freed_at_refusal_ = 0;
  Extent window_;             // empty: any victim helps
  uint64_t given_up_at_ = 0;  // freed_blocks_, when the window should long be clear
  // Set while marks go on: then there are no boundaries and no runs.
  std::unique_ptr<Marks> marks_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_EXTENT_ALLOCATOR_H_
