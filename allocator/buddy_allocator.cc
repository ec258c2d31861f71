// SPDX-License-Identifier: Apache-2.0
#include "allocator/buddy_allocator.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "glog/logging.h"

namespace slotwise {
namespace {

// An extent cannot be as large as kMaxSpace, so the largest block is half of it.
constexpr int kOrderLimit = 31;

uint64_t SizeOf(int order) { return uint64_t{1} << order; }

}  // namespace

BuddyAllocator::BuddyAllocator(BlockCount capacity, BlockCount smallest)
    : capacity_(capacity),
      order_min_(std::countr_zero(smallest.value())),
      order_max_(std::min(kOrderLimit, static_cast<int>(std::bit_width(capacity.value())) - 1)),
      free_blocks_(capacity) {
  CHECK(std::has_single_bit(smallest.value())) << smallest << " is no power of two";
  CHECK_LE(capacity, kMaxSpace);
  CHECK_LE(order_min_, order_max_) << "the smallest block, " << smallest << ", exceeds the space, " << capacity;
  for (int order = order_min_; order <= order_max_; ++order) orders_.emplace_back(capacity.value() >> order);
  uint64_t start = 0;
  for (int order = order_max_; order >= order_min_; --order) {
    for (; start + SizeOf(order) <= capacity.value(); start += SizeOf(order)) AddFree({order, start >> order});
  }
}

std::optional<Placement> BuddyAllocator::Allocate(BlockCount count) {
  CHECK_GT(count, BlockCount(0));
  const int order = OrderFor(count);
  if (order > order_max_ || orders_with_free_ >> order == 0) return std::nullopt;
  const int from = order + std::countr_zero(orders_with_free_ >> order);
  const Block block{order, *OrderOf(from).free.FindFirst() << (from - order)};
  Take(block, from);
  return std::optional<Placement>(std::in_place, ExtentOf(block));
}

void BuddyAllocator::Free(const Placement& placement) {
  const std::optional<Block> freed = BlockOf(placement);
  CHECK(freed && OrderOf(freed->order).live.Test(freed->index)) << placement << " is not live";
  OrderOf(freed->order).live.Clear(freed->index);
  free_blocks_ += BlockCount(SizeOf(freed->order));
  Block block = *freed;
  while (block.order < order_max_ && IsFree({block.order, block.index ^ 1})) {
    RemoveFree({block.order, block.index ^ 1});
    block = {block.order + 1, block.index >> 1};
  }
  AddFree(block);
}

bool BuddyAllocator::Mark(const Placement& placement) {
  const std::optional<Block> block = BlockOf(placement);
  if (!block) return false;
  for (int from = block->order; from <= order_max_; ++from) {
    if (!IsFree({from, block->index >> (from - block->order)})) continue;
    Take(*block, from);
    return true;
  }
  return false;
}

bool BuddyAllocator::Helps(const Placement& victim, BlockCount count) const {
  const std::optional<Block> block = BlockOf(victim);
  CHECK(block.has_value()) << victim << " is not a block";
  const int order = OrderFor(count);
  return order <= order_max_ && Exists({order, victim.front().start().value() >> order});
}

BlockCount BuddyAllocator::FootprintOf(BlockCount count) const { return BlockCount(SizeOf(OrderFor(count))); }

BlockCount BuddyAllocator::largest_allocation() const { return BlockCount(SizeOf(order_max_)); }

void BuddyAllocator::CheckInvariants() const {
  std::vector<std::pair<uint64_t, uint64_t>> blocks;  // start and end, of free and live ones
  uint64_t live = 0;
  for (int order = order_min_; order <= order_max_; ++order) {
    const HierarchicalBitmap& free = OrderOf(order).free;
    free.CheckInvariants();
    OrderOf(order).live.CheckInvariants();
    CHECK_EQ((orders_with_free_ >> order) & 1, free.count() > 0 ? 1u : 0u) << "of order " << order;
    live += OrderOf(order).live.count() << order;
    for (const HierarchicalBitmap* bitmap : {&free, &OrderOf(order).live}) {
      for (auto i = bitmap->FindFirst(); i; i = bitmap->FindFirst(*i + 1)) {
        blocks.emplace_back(*i << order, (*i + 1) << order);
      }
    }
    for (auto i = free.FindFirst(); i && order < order_max_; i = free.FindFirst(*i + 1)) {
      CHECK(!IsFree({order, *i ^ 1})) << "free buddies of order " << order << " are not merged";
    }
  }
  CHECK_EQ(free_blocks_, capacity_ - BlockCount(live));
  std::sort(blocks.begin(), blocks.end());
  uint64_t end = 0;
  for (const auto& [start, block_end] : blocks) CHECK_EQ(start, std::exchange(end, block_end)) << "gap or overlap";
  CHECK_EQ(end, capacity_.value() >> order_min_ << order_min_);
}

Extent BuddyAllocator::ExtentOf(Block block) {
  return Extent(BlockIndex(block.index << block.order), BlockCount(SizeOf(block.order)));
}

int BuddyAllocator::OrderFor(BlockCount count) const {
  return std::max(order_min_, static_cast<int>(std::bit_width(count.value() - 1)));
}

std::optional<BuddyAllocator::Block> BuddyAllocator::BlockOf(const Placement& placement) const {
  if (placement.size() != 1) return std::nullopt;
  const int order = std::countr_zero(placement.front().count().value());
  if (order < order_min_ || order > order_max_) return std::nullopt;
  const Block block{order, placement.front().start().value() >> order};
  if (!Exists(block) || ExtentOf(block) != placement.front()) return std::nullopt;
  return block;
}

bool BuddyAllocator::Exists(Block block) const { return block.index < OrderOf(block.order).free.size(); }

void BuddyAllocator::AddFree(Block block) {
  OrderOf(block.order).free.Set(block.index);
  orders_with_free_ |= SizeOf(block.order);
}

void BuddyAllocator::RemoveFree(Block block) {
  OrderOf(block.order).free.Clear(block.index);
  if (OrderOf(block.order).free.count() == 0) orders_with_free_ &= ~SizeOf(block.order);
}

void BuddyAllocator::Take(Block block, int from) {
  RemoveFree({from, block.index >> (from - block.order)});
  for (int order = from - 1; order >= block.order; --order) {
    AddFree({order, (block.index >> (order - block.order)) ^ 1});
  }
  OrderOf(block.order).live.Set(block.index);
  free_blocks_ -= BlockCount(SizeOf(block.order));
}

}  // namespace slotwise
