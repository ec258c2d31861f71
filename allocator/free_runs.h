// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_FREE_RUNS_H_
#define SLOTWISE_ALLOCATOR_FREE_RUNS_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "allocator/extent.h"

namespace slotwise {

// Names one free run while it exists.
using RunId = uint32_t;
inline constexpr RunId kNoRun = (uint32_t{1} << 31) - 1;

// The free runs of a space, each in the bin of its size (segregated good fit;
// Masmano and others, TLSF, ECRTS 2004, with bins in place of exact lists). Sizes
// below 16 blocks have a bin each, above there are 16 bins per doubling, and a
// two-level mask finds the next bin that is not empty.
//
// Every operation takes O(1). 16 bytes per run, in pages that follow the most
// runs there ever were.
class FreeRuns {
 public:
  FreeRuns();

  uint64_t size() const { return size_; }
  BlockIndex start(RunId id) const { return BlockIndex(run(id).start); }
  BlockIndex end(RunId id) const { return BlockIndex(uint64_t{run(id).last} + 1); }
  BlockCount count(RunId id) const { return BlockCount(CountOf(run(id))); }

  // [start, end). REQUIRES: start < end <= start + kMaxSpace.
  RunId Add(BlockIndex start, BlockIndex end) {
    const RunId id = TakeUnused();
    ++size_;
    Set(id, start, end);
    Link(id, BinOf(end - start));
    return id;
  }
  void Remove(RunId id) {
    Unlink(id, BinOf(count(id)));
    run(id).next = unused_;
    unused_ = id;
    --size_;
  }
  // `id` is now [start, end).
  void Resize(RunId id, BlockIndex start, BlockIndex end) {
    const size_t from = BinOf(count(id));
    const size_t to = BinOf(end - start);
    Set(id, start, end);
    if (from == to) return;
    Unlink(id, from);
    Link(id, to);
  }
  void Clear() { *this = FreeRuns(); }

  // A run of at least `count` blocks, as small as can be found in O(1): the first run of the bin that may also hold
  // smaller ones is tried before the next bin, where all fit. kNoRun if there is none, or only in a bin whose first is
  // too small.
  RunId FindFit(BlockCount count) const {
    const size_t bin = BinOf(count);
    const bool first_is_small = CountOf(run(run(static_cast<RunId>(bin)).next)) < count.value();
    const size_t fitting = NextBin(bin + size_t{first_is_small});
    return fitting == kBins ? kNoRun : run(static_cast<RunId>(fitting)).next;
  }
  // A run that no other exceeds by more than a sixteenth; kNoRun if there is none.
  RunId FindLargest() const;

  // Recounts bins, masks and lists; aborts on an inconsistency. O(size).
  void CheckInvariants() const;

  // The bin of runs of `count` blocks, monotone in it.
  static constexpr size_t BinOf(BlockCount count) {
    const uint64_t blocks = count.value();
    const int shift = static_cast<int>(std::bit_width(blocks | kSteps)) - 1 - kStepBits;
    return (static_cast<size_t>(shift) << kStepBits) + static_cast<size_t>(blocks >> shift);
  }
  // The smallest run of a bin. REQUIRES: bin <= BinOf(kMaxSpace).
  static constexpr BlockCount BinStart(size_t bin) {
    if (bin < 2 * kSteps) return BlockCount(bin);
    return BlockCount((kSteps + bin % kSteps) << (bin / kSteps - 1));
  }

 private:
  static constexpr int kStepBits = 4;
  static constexpr uint64_t kSteps = uint64_t{1} << kStepBits;
  static constexpr size_t kWordBits = 64;
  static constexpr size_t kMaskWords = 8;
  static constexpr size_t kBins = kMaskWords * kWordBits;
  static constexpr uint32_t kPageRuns = 1024;

  // In a ring with the others of its bin. The first kBins are no runs, but where the
  // rings begin and end: of 0 blocks.
  struct Run {
    uint32_t start;
    uint32_t last;  // not the end, which may be 2^32
    RunId previous;
    RunId next;  // in the bin, or of the unused
  };

  static uint64_t CountOf(const Run& run) { return uint64_t{run.last} + 1 - run.start; }
  Run& run(RunId id) { return pages_[id / kPageRuns][id % kPageRuns]; }
  const Run& run(RunId id) const { return pages_[id / kPageRuns][id % kPageRuns]; }
  void Set(RunId id, BlockIndex start, BlockIndex end) {
    run(id).start = static_cast<uint32_t>(start.value());
    run(id).last = static_cast<uint32_t>(end.value() - 1);
  }

  RunId TakeUnused() {
    if (unused_ == kNoRun) return TakeFresh();
    const RunId id = unused_;
    unused_ = run(id).next;
    return id;
  }
  RunId TakeFresh();

  void Link(RunId id, size_t bin) {
    Run& ring = run(static_cast<RunId>(bin));
    run(id).previous = static_cast<RunId>(bin);
    run(id).next = ring.next;
    run(ring.next).previous = id;
    ring.next = id;
    SetMask(bin, true);
  }
  void Unlink(RunId id, size_t bin) {
    const Run& gone = run(id);
    run(gone.next).previous = gone.previous;
    run(gone.previous).next = gone.next;
    SetMask(bin, run(static_cast<RunId>(bin)).next != bin);
  }
  void SetMask(size_t bin, bool occupied) {
    uint64_t& word = mask_[bin / kWordBits];
    word = (word & ~(uint64_t{1} << (bin % kWordBits))) | uint64_t{occupied} << (bin % kWordBits);
    words_ = (words_ & ~(uint32_t{1} << (bin / kWordBits))) | uint32_t{word != 0} << (bin / kWordBits);
  }
  // The first bin at or above `bin` that is not empty; kBins if there is none.
  size_t NextBin(size_t bin) const {
    const size_t word = bin / kWordBits;
    const uint64_t bits = mask_[word] & (~uint64_t{0} << (bin % kWordBits));
    if (bits != 0) return word * kWordBits + static_cast<size_t>(std::countr_zero(bits));
    const uint32_t words = words_ & (~uint32_t{1} << word);
    if (words == 0) return kBins;
    const auto next = static_cast<size_t>(std::countr_zero(words));
    return next * kWordBits + static_cast<size_t>(std::countr_zero(mask_[next]));
  }
  void CheckBin(size_t bin) const;

  std::array<uint64_t, kMaskWords> mask_{};  // bit i of word w: bin 64 * w + i has a run
  uint32_t words_ = 0;                       // bit w: word w is not 0
  std::vector<std::unique_ptr<Run[]>> pages_;
  RunId unused_ = kNoRun;
  uint32_t ids_ = 0;  // ever given out, those of the bins too
  uint64_t size_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_FREE_RUNS_H_
