// SPDX-License-Identifier: Apache-2.0
#include "allocator/extent_allocator.h"

#include <algorithm>

#include "allocator/block_bitmap.h"
#include "glog/logging.h"

namespace slotwise {
namespace {

// See docs/decisions/0006-extents-by-default.md.
// What is tried before a window, over extents_max: the fewer the pieces, the more often
// free space does not fit, and the less a window is worth what it costs.
constexpr uint64_t kFreedInVain = 16;
constexpr uint64_t kCapacityPerSlack = 16;

}  // namespace

// The used blocks, and the first of each extent.
struct ExtentAllocator::Marks {
  explicit Marks(BlockCount capacity) : used(capacity), starts(capacity) {}

  void Set(const Extent& extent) {
    used.Set(extent);
    starts.Set(Extent(extent.start(), BlockCount(1)));
  }
  void Clear(const Extent& extent) {
    used.Clear(extent);
    starts.Clear(Extent(extent.start(), BlockCount(1)));
  }
  // Where the extent or the free run that starts at `start` ends.
  BlockIndex EndOf(BlockIndex start) const {
    if (!used.Test(start)) return used.NextSet(start);
    const BlockIndex second = start + BlockCount(1);
    if (second == BlockIndex() + used.capacity()) return second;
    const BlockIndex next = starts.NextSet(second);
    return used.Test(BlockIndex(next.value() - 1)) ? next : used.NextClear(start);
  }

  BlockBitmap used;
  BlockBitmap starts;
};

ExtentAllocator::ExtentAllocator(BlockCount capacity, const ExtentOptions& options)
    : capacity_(capacity), options_(options), free_blocks_(capacity), boundaries_(capacity) {
  CHECK(Validate(options).ok());
  const RunId run = runs_.Add(BlockIndex(), BlockIndex() + capacity);
  boundaries_.InsertFree(BlockIndex(), run);
  boundaries_.end().SetLeftRun(run);
}

ExtentAllocator::~ExtentAllocator() = default;

std::optional<Placement> ExtentAllocator::Allocate(BlockCount count) {
  CHECK_GT(count, BlockCount(0));
  if (marks_ != nullptr) EndMarks();
  if (magazine_.Vote(count)) ReleaseParked();
  if (count > free_blocks_ || count > largest_allocation()) {
    ForgetRefusals();
    return std::nullopt;
  }
  std::optional<Placement> placement = magazine_.Has(count) ? TakeParked(count) : AllocateFromRuns(count);
  if (!placement.has_value()) {
    NoteRefusal(count);
  } else if (IsLikeRefused(count)) {
    ForgetRefusals();
  }
  return placement;
}

void ExtentAllocator::Free(const Placement& placement) {
  if (marks_ != nullptr) EndMarks();
  for (const Extent& extent : placement) FreeExtent(extent);
}

bool ExtentAllocator::Mark(const Placement& placement) {
  if (!IsWellFormed(placement)) return false;
  if (marks_ == nullptr) BeginMarks();
  if (!Claim(placement)) return false;
  free_blocks_ -= placement.blocks();
  return true;
}

bool ExtentAllocator::Helps(const Placement& victim, BlockCount count) const {
  if (count > largest_allocation()) return false;
  if (window_.count() < count || !IsLikeRefused(count)) return true;
  return std::any_of(victim.begin(), victim.end(), [this](const Extent& extent) {
    return extent.start() < window_.end() && window_.start() < extent.end();
  });
}

BlockCount ExtentAllocator::largest_allocation() const {
  return BlockCount(std::max<uint64_t>(1, capacity_.value() / 4));
}

BlockCount ExtentAllocator::largest_free_run() const {
  const RunId run = runs_.FindLargest();
  return run == kNoRun ? BlockCount(0) : runs_.count(run);
}

// --- Taking ---------------------------------------------------------------------

Placement ExtentAllocator::TakeParked(BlockCount count) {
  const BlockIndex start = magazine_.Take();
  boundaries_.Find(start).SetParked(false);
  free_blocks_ -= count;
  return Placement(Extent(start, count));
}

std::optional<Placement> ExtentAllocator::AllocateFromRuns(BlockCount count) {
  RunId run = runs_.FindFit(count);
  if (run == kNoRun && !magazine_.empty()) {
    ReleaseParked();
    run = runs_.FindFit(count);
  }
  if (run != kNoRun) return Placement(TakeFrom(run, count));
  return Scatter(count);
}

Boundary ExtentAllocator::BoundaryAt(BlockIndex position) {
  return position == space_end() ? boundaries_.end() : boundaries_.Find(position);
}

Extent ExtentAllocator::TakeFrom(RunId run, BlockCount count) {
  const Extent taken(runs_.start(run), count);
  const BlockIndex end = runs_.end(run);
  boundaries_.Prefetch(taken.start());
  if (taken.end() == end) {
    BoundaryAt(end).SetLeftRun(kNoRun);
    runs_.Remove(run);
  } else {
    boundaries_.InsertFree(taken.end(), run);
    runs_.Resize(run, taken.end(), end);
  }
  boundaries_.MakeUsed(taken.start(), count, boundaries_.Find(taken.start()));
  free_blocks_ -= count;
  return taken;
}

std::optional<Placement> ExtentAllocator::Scatter(BlockCount count) {
  Placement pieces;
  for (BlockCount left = count; left > BlockCount(0);) {
    const RunId run = FindPiece(left, pieces.size() + 1 == options_.extents_max);
    if (run == kNoRun) {
      for (const Extent& piece : pieces) {
        free_blocks_ += piece.count();
        Release(piece, boundaries_.Find(piece.start()));
      }
      return std::nullopt;
    }
    const BlockCount piece = std::min(left, runs_.count(run));
    pieces.Append(TakeFrom(run, piece));
    left -= piece;
  }
  return pieces;
}

RunId ExtentAllocator::FindPiece(BlockCount left, bool is_last) const {
  const RunId whole = runs_.FindFit(left);
  if (whole != kNoRun) return whole;
  const RunId largest = runs_.FindLargest();
  if (largest == kNoRun) return kNoRun;
  const BlockCount count = runs_.count(largest);
  return count >= left || (!is_last && count >= options_.piece_min) ? largest : kNoRun;
}

// --- Giving back -------------------------------------------------------------------

void ExtentAllocator::FreeExtent(const Extent& extent) {
  CHECK_LE(extent.end(), space_end()) << extent << " is not live";
  if (extent.end() < space_end()) boundaries_.Prefetch(extent.end());
  const Boundary boundary = boundaries_.Find(extent.start());
  CHECK(boundary.exists() && !boundary.is_free() && !boundary.is_parked() &&
        boundaries_.CountOf(extent.start(), boundary) == extent.count())
      << extent << " is not live";
  free_blocks_ += extent.count();
  freed_blocks_ += extent.count().value();
  if (magazine_.Wants(extent.count())) {
    boundary.SetParked(true);
    magazine_.Put(extent.start());
  } else {
    Release(extent, boundary);
  }
}

void ExtentAllocator::Release(const Extent& extent, Boundary boundary) {
  const Boundary after = BoundaryAt(extent.end());
  const RunId left = boundary.left_run();
  const RunId right = after.is_free() ? after.run() : kNoRun;
  if (left != kNoRun && right != kNoRun) return ReleaseBetween(left, right, extent);
  if (left != kNoRun) {
    after.SetLeftRun(left);
    boundaries_.Erase(extent.start(), boundary);
    runs_.Resize(left, runs_.start(left), extent.end());
  } else if (right != kNoRun) {
    boundaries_.MakeFree(extent.start(), right, boundary);
    boundaries_.Erase(extent.end(), after);
    runs_.Resize(right, extent.start(), runs_.end(right));
  } else {
    const RunId run = runs_.Add(extent.start(), extent.end());
    boundaries_.MakeFree(extent.start(), run, boundary);
    after.SetLeftRun(run);
  }
}

void ExtentAllocator::ReleaseBetween(RunId left, RunId right, const Extent& extent) {
  const BlockIndex end = runs_.end(right);
  BoundaryAt(end).SetLeftRun(left);
  for (const BlockIndex gone : {extent.start(), extent.end()}) boundaries_.Erase(gone, boundaries_.Find(gone));
  runs_.Remove(right);
  runs_.Resize(left, runs_.start(left), end);
}

void ExtentAllocator::ReleaseParked() {
  while (!magazine_.empty()) {
    const BlockIndex start = magazine_.Take();
    const Boundary boundary = boundaries_.Find(start);
    boundary.SetParked(false);
    Release(Extent(start, boundaries_.CountOf(start, boundary)), boundary);
  }
}

// --- Refusing ----------------------------------------------------------------------

void ExtentAllocator::NoteRefusal(BlockCount count) {
  if (window_.count() >= count && freed_blocks_ < given_up_at_) return;
  window_ = {};
  if (refused_ < count) {
    refused_ = count;
    freed_at_refusal_ = freed_blocks_;
  }
  const bool in_vain = freed_blocks_ - freed_at_refusal_ >= count.value() * kFreedInVain / options_.extents_max;
  if (in_vain || free_blocks_ >= count + BlockCount(capacity_.value() / kCapacityPerSlack / options_.extents_max))
    LayWindow(count);
}

void ExtentAllocator::LayWindow(BlockCount count) {
  const BlockIndex start = runs_.start(runs_.FindLargest());
  window_ = Extent(std::min(start, BlockIndex() + (capacity_ - count)), count);
  given_up_at_ = freed_blocks_ + count.value();
}

void ExtentAllocator::ForgetRefusals() {
  refused_ = BlockCount(0);
  window_ = {};
}

// --- Restart -----------------------------------------------------------------------

bool ExtentAllocator::IsWellFormed(const Placement& placement) const {
  if (placement.empty() || placement.size() > options_.extents_max) return false;
  for (const Extent& extent : placement) {
    const bool is_last = &extent == placement.end() - 1;
    if (extent.count() < (is_last ? BlockCount(1) : options_.piece_min)) return false;
    if (extent.end() > space_end()) return false;
  }
  return placement.blocks() <= largest_allocation();
}

bool ExtentAllocator::Claim(const Placement& placement) {
  for (const Extent& extent : placement) {
    if (!marks_->used.AnySet(extent)) {
      marks_->Set(extent);
      continue;
    }
    for (const Extent* claimed = placement.begin(); claimed != &extent; ++claimed) marks_->Clear(*claimed);
    return false;
  }
  return true;
}

void ExtentAllocator::BeginMarks() {
  ReleaseParked();
  marks_ = std::make_unique<Marks>(capacity_);
  boundaries_.ForEach([&](BlockIndex position, Boundary boundary) {
    if (!boundary.is_free()) marks_->Set(Extent(position, boundaries_.CountOf(position, boundary)));
  });
  boundaries_.Clear();
  runs_.Clear();
  ForgetRefusals();
}

void ExtentAllocator::EndMarks() {
  RunId left = kNoRun;
  for (BlockIndex start; start < space_end();) {
    const BlockIndex end = marks_->EndOf(start);
    if (marks_->used.Test(start)) {
      boundaries_.InsertUsed(start, end - start);
      boundaries_.Find(start).SetLeftRun(left);
      left = kNoRun;
    } else {
      left = runs_.Add(start, end);
      boundaries_.InsertFree(start, left);
    }
    start = end;
  }
  boundaries_.end().SetLeftRun(left);
  marks_.reset();
}

// --- Proof --------------------------------------------------------------------------

void ExtentAllocator::CheckInvariants() const {
  boundaries_.CheckInvariants();
  runs_.CheckInvariants();
  if (marks_ != nullptr) {
    CheckMarks();
  } else {
    CheckNeighbours();
  }
}

void ExtentAllocator::CheckMarks() const {
  CHECK_EQ(runs_.size(), 0u);
  CHECK_EQ(boundaries_.size(), 0u);
  CHECK(magazine_.empty());
  BlockCount used;
  for (BlockIndex start; start < space_end();) {
    const BlockIndex end = marks_->EndOf(start);
    CHECK(!marks_->starts.Test(start) || marks_->used.Test(start)) << "an extent at " << start << " has no blocks";
    if (marks_->used.Test(start)) used += end - start;
    start = end;
  }
  CHECK_EQ(used, capacity_ - free_blocks_);
}

void ExtentAllocator::CheckNeighbours() const {
  BlockCount free;
  uint64_t extents = 0;
  uint64_t free_runs = 0;
  size_t parked = 0;
  RunId left = kNoRun;
  BlockIndex at;
  for (; at < space_end(); ++extents) {
    const Boundary boundary = boundaries_.Find(at);
    CHECK(boundary.exists()) << "a gap at " << at;
    if (boundary.is_free()) {
      CHECK_EQ(left, kNoRun) << "free runs touch at " << at;
      left = boundary.run();
      CHECK_EQ(runs_.start(left), at);
      free += runs_.count(left);
      at = runs_.end(left);
      ++free_runs;
    } else {
      CHECK_EQ(boundary.left_run(), left) << "the left run at " << at << " is wrong";
      left = kNoRun;
      const BlockCount count = boundaries_.CountOf(at, boundary);
      if (boundary.is_parked()) free += count;
      parked += boundary.is_parked() ? 1 : 0;
      at = at + count;
    }
  }
  CHECK_EQ(at, space_end()) << "the last extent crosses the end";
  CHECK_EQ(boundaries_.end().left_run(), left);
  CHECK_EQ(free, free_blocks_);
  CHECK_EQ(extents, boundaries_.size());
  CHECK_EQ(free_runs, runs_.size());
  CHECK_EQ(parked, magazine_.size());
}

}  // namespace slotwise
