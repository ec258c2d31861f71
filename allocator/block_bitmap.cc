// SPDX-License-Identifier: Apache-2.0
#include "allocator/block_bitmap.h"

#include <algorithm>
#include <bit>

#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr uint64_t kWordBits = 64;

// Calls `visit(word, mask)` for every word that `extent` touches, until it says
// false.
template <typename Visit>
void ForEachWord(const Extent& extent, Visit visit) {
  uint64_t at = extent.start().value();
  const uint64_t end = extent.end().value();
  while (at < end) {
    const uint64_t bit = at % kWordBits;
    const uint64_t bits = std::min(kWordBits - bit, end - at);
    if (!visit(at / kWordBits, (~uint64_t{0} >> (kWordBits - bits)) << bit)) return;
    at += bits;
  }
}

}  // namespace

BlockBitmap::BlockBitmap(BlockCount capacity) : capacity_(capacity) {
  const uint64_t words = (capacity.value() + kWordBits - 1) / kWordBits;
  words_.reset(static_cast<uint64_t*>(std::calloc(words, sizeof(uint64_t))));
  CHECK(words_ != nullptr) << "no memory for a bitmap of " << capacity << " blocks";
}

bool BlockBitmap::AnySet(const Extent& extent) const {
  bool any = false;
  ForEachWord(extent, [&](uint64_t word, uint64_t mask) { return !(any = (words_[word] & mask) != 0); });
  return any;
}

void BlockBitmap::Set(const Extent& extent) {
  ForEachWord(extent, [&](uint64_t word, uint64_t mask) { return (words_[word] |= mask) != 0; });
}

void BlockBitmap::Clear(const Extent& extent) {
  ForEachWord(extent, [&](uint64_t word, uint64_t mask) {
    words_[word] &= ~mask;
    return true;
  });
}

BlockIndex BlockBitmap::Next(BlockIndex from, uint64_t inverted) const {
  uint64_t mask = ~uint64_t{0} << (from.value() % kWordBits);
  for (uint64_t word = from.value() / kWordBits; word * kWordBits < capacity_.value(); ++word) {
    const uint64_t bits = (words_[word] ^ inverted) & mask;
    if (bits != 0) return std::min(BlockIndex(word * kWordBits + std::countr_zero(bits)), BlockIndex() + capacity_);
    mask = ~uint64_t{0};
  }
  return BlockIndex() + capacity_;
}

}  // namespace slotwise
