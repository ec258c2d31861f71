// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_BUDDY_ALLOCATOR_H_
#define SLOTWISE_ALLOCATOR_BUDDY_ALLOCATOR_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "allocator/allocator.h"
#include "allocator/extent.h"
#include "allocator/hierarchical_bitmap.h"

namespace slotwise {

// The binary buddy system (Knuth, The Art of Computer Programming, volume 1, section 2.5, algorithms R and S): a block
// of order k has 2^k blocks of the space and starts at a multiple of its size. A request takes the lowest address
// within the smallest sufficient order and splits what is too large. A freed block merges with its buddy at once if
// that is free, so the free set alone determines the free blocks, and Mark in any order restores them.
//
// Two bitmaps per order, of the free blocks and of the live ones; nothing else per block. A capacity that is no power
// of two is a sequence of the largest aligned blocks that fit; a remainder below the smallest block is never used.
//
// Every operation takes O(log capacity).
// Waste: less than the payload or, for payloads below the smallest block, less than that block.
class BuddyAllocator final : public Allocator {
 public:
  // REQUIRES: `smallest` is a power of two, smallest <= capacity <= kMaxSpace,
  // smallest < kMaxSpace.
  explicit BuddyAllocator(BlockCount capacity, BlockCount smallest = BlockCount(1));

  std::optional<Placement> Allocate(BlockCount count) override;
  // Aborts if `placement` is not live exactly as given.
  void Free(const Placement& placement) override;
  bool Mark(const Placement& placement) override;
  // True where victim and request could share one block of the request's order.
  bool Helps(const Placement& victim, BlockCount count) const override;
  BlockCount FootprintOf(BlockCount count) const override;
  BlockCount largest_allocation() const override;
  BlockCount capacity() const override { return capacity_; }
  BlockCount free_blocks() const override { return free_blocks_; }
  void CheckInvariants() const override;

 private:
  // The blocks of one size. Block i is [i, i + 1) * size; only blocks that lie
  // inside the capacity exist.
  struct Order {
    explicit Order(uint64_t blocks) : free(blocks), live(blocks) {}
    HierarchicalBitmap free;
    HierarchicalBitmap live;
  };
  // One block: its order, and its index within the order.
  struct Block {
    int order;
    uint64_t index;
  };

  static Extent ExtentOf(Block block);
  Order& OrderOf(int order) { return orders_[order - order_min_]; }
  const Order& OrderOf(int order) const { return orders_[order - order_min_]; }
  // The order that serves `count`; may be above order_max_.
  int OrderFor(BlockCount count) const;
  // The block that `placement` is exactly, if one can be.
  std::optional<Block> BlockOf(const Placement& placement) const;
  bool Exists(Block block) const;
  bool IsFree(Block block) const { return Exists(block) && OrderOf(block.order).free.Test(block.index); }
  void AddFree(Block block);
  void RemoveFree(Block block);
  // Makes `block` live: splits the free block of order `from` that contains it.
  void Take(Block block, int from);

  BlockCount capacity_;
  int order_min_;
  int order_max_;
  std::vector<Order> orders_;
  // Bit k: order k has a free block.
  uint64_t orders_with_free_ = 0;
  BlockCount free_blocks_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_BUDDY_ALLOCATOR_H_
