// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_HIERARCHICAL_BITMAP_H_
#define SLOTWISE_ALLOCATOR_HIERARCHICAL_BITMAP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>

namespace slotwise {

// A set of bits that finds its lowest member in O(log64 size). Over the bits lie
// summary levels: bit i of a level says whether word i of the level below has any
// bit set, up to a level of one word.
//
// A big bitmap costs almost nothing until it is used: its memory comes zeroed
// from the kernel, page by page as it is touched, also when all bits start set,
// for then every stored word holds the complement of what it means.
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
  bool Test(uint64_t index) const;
  // REQUIRES: !Test(index).
  void Set(uint64_t index);
  // REQUIRES: Test(index).
  void Clear(uint64_t index);

  // The lowest set bit at or above `from`.
  std::optional<uint64_t> FindFirst(uint64_t from = 0) const;

  // Recounts the bits and recomputes every summary; aborts on a lie. O(size).
  void CheckInvariants() const;

 private:
  static constexpr size_t kMaxLevels = 6;
  struct Freer {
    void operator()(uint64_t* words) const { std::free(words); }
  };

  uint64_t Load(size_t level, uint64_t word) const { return words_[level_start_[level] + word] ^ complement_; }
  void Store(size_t level, uint64_t word, uint64_t bits) { words_[level_start_[level] + word] = bits ^ complement_; }
  uint64_t LevelWords(size_t level) const { return level_start_[level + 1] - level_start_[level]; }
  // The lowest set bit that bit `index` of `level`, which is set, summarises.
  std::optional<uint64_t> Descend(size_t level, uint64_t index) const;

  uint64_t size_;
  uint64_t count_;
  uint64_t complement_;
  size_t levels_ = 0;
  // Where each level starts in words_; level 0 holds the bits themselves. Behind
  // the last level stands the number of all words.
  std::array<uint64_t, kMaxLevels + 1> level_start_{};
  // The unused high bits of a level's last word start as all others and never
  // change. When that is set, they are the highest members of their level, so a
  // search that ends on one has found nothing.
  std::unique_ptr<uint64_t[], Freer> words_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_HIERARCHICAL_BITMAP_H_
