// SPDX-License-Identifier: Apache-2.0
#include "allocator/hierarchical_bitmap.h"

#include <bit>

#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr uint64_t kWordBits = 64;

uint64_t WordsFor(uint64_t bits) { return (bits + kWordBits - 1) / kWordBits; }
uint64_t BitOf(uint64_t index) { return uint64_t{1} << (index % kWordBits); }

}  // namespace

HierarchicalBitmap::HierarchicalBitmap(uint64_t size, Initial initial)
    : size_(size),
      count_(initial == Initial::kSet ? size : 0),
      complement_(initial == Initial::kSet ? ~uint64_t{0} : 0) {
  CHECK_GT(size, 0u);
  uint64_t words = size;
  do {
    CHECK_LT(levels_, kMaxLevels) << "a bitmap of " << size << " bits is too large";
    words = WordsFor(words);
    level_start_[levels_ + 1] = level_start_[levels_] + words;
    ++levels_;
  } while (words > 1);
  words_.reset(static_cast<uint64_t*>(std::calloc(level_start_[levels_], sizeof(uint64_t))));
  CHECK(words_ != nullptr) << "no memory for a bitmap of " << size << " bits";
}

bool HierarchicalBitmap::Test(uint64_t index) const {
  CHECK_LT(index, size_);
  return (Load(0, index / kWordBits) & BitOf(index)) != 0;
}

void HierarchicalBitmap::Set(uint64_t index) {
  CHECK(!Test(index)) << "bit " << index << " is set already";
  ++count_;
  for (size_t level = 0; level < levels_; ++level, index /= kWordBits) {
    const uint64_t old = Load(level, index / kWordBits);
    Store(level, index / kWordBits, old | BitOf(index));
    if (old != 0) return;
  }
}

void HierarchicalBitmap::Clear(uint64_t index) {
  CHECK(Test(index)) << "bit " << index << " is clear already";
  --count_;
  for (size_t level = 0; level < levels_; ++level, index /= kWordBits) {
    const uint64_t left = Load(level, index / kWordBits) & ~BitOf(index);
    Store(level, index / kWordBits, left);
    if (left != 0) return;
  }
}

std::optional<uint64_t> HierarchicalBitmap::FindFirst(uint64_t from) const {
  for (size_t level = 0; level < levels_; ++level) {
    const uint64_t word = from / kWordBits;
    if (word >= LevelWords(level)) return std::nullopt;
    const uint64_t bits = Load(level, word) & (~uint64_t{0} << (from % kWordBits));
    if (bits != 0) return Descend(level, word * kWordBits + std::countr_zero(bits));
    from = word + 1;
  }
  return std::nullopt;
}

std::optional<uint64_t> HierarchicalBitmap::Descend(size_t level, uint64_t index) const {
  while (level > 0) {
    --level;
    if (index >= LevelWords(level)) return std::nullopt;
    index = index * kWordBits + std::countr_zero(Load(level, index));
  }
  return index < size_ ? std::optional(index) : std::nullopt;
}

void HierarchicalBitmap::CheckInvariants() const {
  uint64_t recount = 0;
  for (uint64_t word = 0; word < LevelWords(0); ++word) recount += std::popcount(Load(0, word));
  const uint64_t unused = LevelWords(0) * kWordBits - size_;
  if (complement_ != 0) recount -= unused;
  CHECK_EQ(recount, count_) << "the count disagrees with the bits";
  for (size_t level = 1; level < levels_; ++level) {
    for (uint64_t word = 0; word < LevelWords(level - 1); ++word) {
      const bool summary = (Load(level, word / kWordBits) & BitOf(word)) != 0;
      CHECK_EQ(summary, Load(level - 1, word) != 0) << "level " << level << " lies about word " << word;
    }
  }
}

}  // namespace slotwise
