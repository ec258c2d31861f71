// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_HIERARCHICAL_BITMAP_H_
#define SLOTWISE_ALLOCATOR_HIERARCHICAL_BITMAP_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>

#include "allocator/requirement.h"

namespace slotwise {

// A set of bits that finds its lowest member in O(log64 size). Over the bits lie
// summary levels: bit i of a level says whether word i of the level below has any
// bit set, up to a level of one word.
//
// A big bitmap costs almost nothing until it is used: its memory comes zeroed from the kernel, page by page as it is
// touched. That holds also when all bits start set: every stored word is then the complement of its meaning.
class HierarchicalBitmap {
 public:
  enum class Initial { kClear, kSet };

  // `size` bits, all clear or all set. O(1) for large sizes.
  // REQUIRES: 0 < size <= 2^36.
  explicit HierarchicalBitmap(uint64_t size, Initial initial = Initial::kClear);

  uint64_t size() const { return size_; }
  // How many bits are set. O(1).
  uint64_t count() const { return count_; }

  // REQUIRES: index < size().
  bool Test(uint64_t index) const {
    Require(index < size_, "no such bit");
    return (Load(0, index / kWordBits) & BitOf(index)) != 0;
  }
  // REQUIRES: !Test(index).
  void Set(uint64_t index);
  // REQUIRES: Test(index).
  void Clear(uint64_t index);

  // The lowest set bit.
  std::optional<uint64_t> FindFirst() const { return count_ == 0 ? std::nullopt : std::optional(Descend(levels_, 0)); }
  // The lowest set bit at or above `from`.
  std::optional<uint64_t> FindFirst(uint64_t from) const;

  // Recounts the bits and recomputes every summary; aborts on an inconsistency. O(size).
  void CheckInvariants() const;

 private:
  static constexpr uint64_t kWordBits = 64;
  static constexpr uint32_t kMaxLevels = 6;
  struct Freer {
    void operator()(uint64_t* words) const { std::free(words); }
  };

  static uint64_t WordsFor(uint64_t bits) { return (bits + kWordBits - 1) / kWordBits; }
  static uint64_t BitOf(uint64_t index) { return uint64_t{1} << (index % kWordBits); }
  uint64_t Load(uint32_t level, uint64_t word) const { return words_[level_start_[level] + word] ^ complement_; }
  uint64_t& WordOf(uint32_t level, uint64_t index) { return words_[level_start_[level] + index / kWordBits]; }
  uint64_t LevelWords(uint32_t level) const { return level_start_[level + 1] - level_start_[level]; }
  void ClearUnused();
  // The lowest set bit that bit `index` of `level` summarises.
  // REQUIRES: that is set.
  uint64_t Descend(uint32_t level, uint64_t index) const;

  uint64_t size_;
  uint64_t count_;
  uint64_t complement_;
  uint32_t levels_ = 0;
  // Where each level starts in words_; level 0 holds the bits themselves. Behind the
  // last level stands the number of all words.
  std::array<uint32_t, kMaxLevels + 1> level_start_{};
  // The unused high bits of a level's last word are clear.
  std::unique_ptr<uint64_t[], Freer> words_;
};

// Neither checks whether the level above must change: the check would often be mispredicted, and costs more than the
// change.
inline void HierarchicalBitmap::Set(uint64_t index) {
  Require(!Test(index), "the bit is set already");
  ++count_;
  for (uint32_t level = 0; level < levels_; ++level, index /= kWordBits) {
    uint64_t& word = WordOf(level, index);
    word = ((word ^ complement_) | BitOf(index)) ^ complement_;
  }
}

inline void HierarchicalBitmap::Clear(uint64_t index) {
  Require(Test(index), "the bit is clear already");
  --count_;
  uint64_t emptied = 1;
  for (uint32_t level = 0; level < levels_; ++level, index /= kWordBits) {
    uint64_t& word = WordOf(level, index);
    word ^= emptied << (index % kWordBits);
    emptied &= static_cast<uint64_t>(word == complement_);
  }
}

inline uint64_t HierarchicalBitmap::Descend(uint32_t level, uint64_t index) const {
  while (level-- > 0) index = index * kWordBits + std::countr_zero(Load(level, index));
  return index;
}

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_HIERARCHICAL_BITMAP_H_
