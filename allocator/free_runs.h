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
  FreeRuns() { heads_.fill(kNoRun); }

  uint64_t size() const { return size_; }
  BlockIndex start(RunId id) const { return BlockIndex(run(id).start); }
  BlockIndex end(RunId id) const { return BlockIndex(uint64_t{run(id).last} + 1); }
  BlockCount count(RunId id) const { return BlockCount(CountOf(run(id))); }

  // [start, end). REQUIRES: start < end <= start + kMaxSpace.
  RunId Add(BlockIndex start, BlockIndex end);
  void Remove(RunId id);
  // `id` is now [start, end).
  void Resize(RunId id, BlockIndex start, BlockIndex end);
  void Clear();

  // A run of at least `count` blocks, and not much larger where there is one: the
  // first few of the bin that may hold smaller ones too are tried before the next
  // bin, where all fit. kNoRun if there is none, or only unlucky ones.
  RunId FindFit(BlockCount count) const;
  // A run that no other exceeds by a sixteenth; kNoRun if there is none.
  RunId FindLargest() const;

  // Recounts bins, masks and lists; aborts on a lie. O(size).
  void CheckInvariants() const;

  // The bin of runs of `count` blocks, monotone in it.
  static constexpr size_t BinOf(BlockCount count) {
    const uint64_t blocks = count.value();
    if (blocks < kSteps) return static_cast<size_t>(blocks);
    const int exponent = std::bit_width(blocks) - 1;
    return (static_cast<size_t>(exponent - kStepBits) << kStepBits) +
           static_cast<size_t>(blocks >> (exponent - kStepBits));
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
  static constexpr int kProbesMax = 3;
  static constexpr uint32_t kPageRuns = 1024;

  struct Run {
    uint32_t start;
    uint32_t last;  // not the end, which may be 2^32
    RunId previous;
    RunId next;  // in the bin, or of the unused
  };

  static uint64_t CountOf(const Run& run) { return uint64_t{run.last} - run.start + 1; }
  Run& run(RunId id) { return pages_[id / kPageRuns][id % kPageRuns]; }
  const Run& run(RunId id) const { return pages_[id / kPageRuns][id % kPageRuns]; }
  RunId TakeUnused();
  void Link(RunId id, size_t bin);
  void Unlink(RunId id, size_t bin);
  // The first bin at or above `bin` that is not empty; kBins if there is none.
  size_t NextBin(size_t bin) const;
  void CheckBin(size_t bin) const;

  static constexpr size_t kBins = kMaskWords * kWordBits;

  std::array<RunId, kBins> heads_;
  std::array<uint64_t, kMaskWords> mask_{};  // bit i of word w: bin 64 * w + i has a run
  uint32_t words_ = 0;                       // bit w: word w is not 0
  std::vector<std::unique_ptr<Run[]>> pages_;
  RunId unused_ = kNoRun;
  uint32_t ids_ = 0;  // ever given out
  uint64_t size_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_FREE_RUNS_H_
