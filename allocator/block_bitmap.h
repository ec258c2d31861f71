// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_BLOCK_BITMAP_H_
#define SLOTWISE_ALLOCATOR_BLOCK_BITMAP_H_

#include <cstdint>
#include <cstdlib>
#include <memory>

#include "allocator/extent.h"

namespace slotwise {

// A bit per block of a space, set and searched a run at a time. Its memory comes
// zeroed from the kernel, page by page as it is touched.
class BlockBitmap {
 public:
  // All bits clear. REQUIRES: 0 < capacity <= kMaxSpace.
  explicit BlockBitmap(BlockCount capacity);

  BlockCount capacity() const { return capacity_; }

  // REQUIRES: block < capacity.
  bool Test(BlockIndex block) const { return (words_[block.value() / 64] >> (block.value() % 64) & 1) != 0; }
  // Whether a bit of `extent` is set. O(extent / 64).
  // REQUIRES: `extent` lies inside the capacity and is not empty; also below.
  bool AnySet(const Extent& extent) const;
  void Set(const Extent& extent);
  void Clear(const Extent& extent);

  // The first block at or after `from` whose bit is clear, or set; the end of
  // the space if there is none. O(distance / 64).
  BlockIndex NextClear(BlockIndex from) const { return Next(from, ~uint64_t{0}); }
  BlockIndex NextSet(BlockIndex from) const { return Next(from, 0); }

 private:
  struct Freer {
    void operator()(uint64_t* words) const { std::free(words); }
  };

  // The first block whose bit, inverted where `inverted` has ones, is set.
  BlockIndex Next(BlockIndex from, uint64_t inverted) const;

  BlockCount capacity_;
  std::unique_ptr<uint64_t[], Freer> words_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_BLOCK_BITMAP_H_
