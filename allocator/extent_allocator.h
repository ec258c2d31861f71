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

// Exactly as many blocks as the payload has, in one extent or a few. An allocation, step by step:
//
//   1. Magazine: an extent of the commonest size may be parked, ready for the next request of that size. Parked extents
//      count as free, and are all given up before step 3.
//   2. One run: FreeRuns finds a free run that fits well.
//   3. Scatter: when no run holds the payload, it gets the largest runs, at most extents_max pieces, each of at least
//      piece_min blocks but the last. docs/assurance.md derives when even that is refused.
//   4. Refusal: nullopt. Repeated refusals lay a window for eviction to clear (NoteRefusal).
//
// Free merges an extent with its free neighbours at once, so no two free runs touch: boundary tags (Knuth, The Art of
// Computer Programming, volume 1, section 2.5, algorithm C), kept beside the space in a BoundaryMap, which knows the
// extent that starts at a block and the free run that ends there.
//
// Restart. Mark fills bitmaps, in any order; the first Allocate or Free walks them once and makes boundaries and runs,
// in O(capacity / 64 + extents). A Mark after that goes the way back, at the same cost: marks belong before the first
// Allocate.
//
// Allocate, Free and Helps take O(1) expected; the worst is a growing table of BoundaryMap, bounded by a constant.
// Memory: 8 bytes over the load of a table for each extent and each free run, and 16 for each run.
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
  // The boundary at `position`, which may be the end of the space.
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

  // Evacuation (docs/decisions/0006). A request may be refused although enough blocks are free, in pieces too small. At
  // first any victim Helps, as one more eviction usually makes a piece that is large enough. A window of the request's
  // size is laid, at the start of a largest free run, once 16/extents_max times the request's blocks were freed in
  // vain, or 1/(16 extents_max) of the space more is free than it needs. Then Helps is true only of placements in the
  // window; once these are gone the request fits. If as many blocks as the window has were freed and it is not clear,
  // something in it cannot be evicted: it is laid elsewhere. A served request of more than half the refused size ends
  // it. So a request costs evictions of at most a few times its own size.
  void NoteRefusal(BlockCount count);
  void LayWindow(BlockCount count);
  void ForgetRefusals();
  // Whether `count` is more than half of the size that was refused.
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
