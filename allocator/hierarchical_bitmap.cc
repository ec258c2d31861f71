// SPDX-License-Identifier: Apache-2.0
#include "allocator/hierarchical_bitmap.h"

#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr uint64_t kMaxSize = uint64_t{1} << 36;

}  // namespace

HierarchicalBitmap::HierarchicalBitmap(uint64_t size, Initial initial)
    : size_(size),
      count_(initial == Initial::kSet ? size : 0),
      complement_(initial == Initial::kSet ? ~uint64_t{0} : 0) {
  CHECK_GT(size, 0u);
  CHECK_LE(size, kMaxSize);
  for (uint64_t bits = size; levels_ == 0 || bits > 1; ++levels_) {
    bits = WordsFor(bits);
    level_start_[levels_ + 1] = level_start_[levels_] + static_cast<uint32_t>(bits);
  }
  words_.reset(static_cast<uint64_t*>(std::calloc(level_start_[levels_], sizeof(uint64_t))));
  CHECK(words_ != nullptr) << "no memory for a bitmap of " << size << " bits";
  if (initial == Initial::kSet) ClearUnused();
}

void HierarchicalBitmap::ClearUnused() {
  uint64_t bits = size_;
  for (uint32_t level = 0; level < levels_; ++level, bits = WordsFor(bits)) {
    if (bits % kWordBits != 0) words_[level_start_[level + 1] - 1] = ~uint64_t{0} << (bits % kWordBits);
  }
}

std::optional<uint64_t> HierarchicalBitmap::FindFirst(uint64_t from) const {
  for (uint32_t level = 0; level < levels_; ++level) {
    const uint64_t word = from / kWordBits;
    if (word >= LevelWords(level)) return std::nullopt;
    const uint64_t bits = Load(level, word) & (~uint64_t{0} << (from % kWordBits));
    if (bits != 0) return Descend(level, word * kWordBits + std::countr_zero(bits));
    from = word + 1;
  }
  return std::nullopt;
}

void HierarchicalBitmap::CheckInvariants() const {
  uint64_t recount = 0;
  for (uint64_t word = 0; word < LevelWords(0); ++word) recount += std::popcount(Load(0, word));
  CHECK_EQ(recount, count_) << "the count disagrees with the bits";
  for (uint32_t level = 1; level < levels_; ++level) {
    for (uint64_t word = 0; word < LevelWords(level - 1); ++word) {
      const bool summary = (Load(level, word / kWordBits) & BitOf(word)) != 0;
      CHECK_EQ(summary, Load(level - 1, word) != 0) << "level " << level << " lies about word " << word;
    }
  }
}

}  // namespace slotwise
