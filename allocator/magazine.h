// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_MAGAZINE_H_
#define SLOTWISE_ALLOCATOR_MAGAZINE_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "allocator/extent.h"

namespace slotwise {

// A few runs of the one size that most requests ask for, taken and put back
// without splitting or coalescing (magazines: Bonwick and Adams, USENIX 2001). The
// size is whichever has the majority of recent requests (Boyer and Moore, MJRTY,
// 1981); where none has one by far, the magazine holds nothing. O(1).
class Magazine {
 public:
  static constexpr size_t kRunsMax = 32;

  // Counts a request. True if the common size has changed: then the runs must be taken out before anything is offered.
  bool Vote(BlockCount count) {
    if (count == common_) {
      votes_ += votes_ < kVotesMax ? 1 : 0;
      return false;
    }
    if (votes_ > 0) {
      --votes_;
      return false;
    }
    common_ = count;
    return size_ > 0;
  }

  // Whether a run of that size would be kept.
  bool Wants(BlockCount count) const { return count == common_ && votes_ >= kVotesToKeep && size_ < kRunsMax; }
  // Whether there is a run for such a request.
  bool Has(BlockCount count) const { return size_ > 0 && count == common_; }
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  // REQUIRES: Wants the run's size.
  void Put(BlockIndex start) { runs_[size_++] = start; }
  // The run put last. REQUIRES: not empty.
  BlockIndex Take() { return runs_[--size_]; }

 private:
  static constexpr int kVotesMax = 64;
  static constexpr int kVotesToKeep = 16;

  BlockCount common_;
  int votes_ = 0;
  size_t size_ = 0;
  std::array<BlockIndex, kRunsMax> runs_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_MAGAZINE_H_
