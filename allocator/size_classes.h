// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_SIZE_CLASSES_H_
#define SLOTWISE_ALLOCATOR_SIZE_CLASSES_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "allocator/extent.h"

namespace slotwise {

// A rule by which slot sizes grow.
struct SizeClassRule {
  uint8_t id;             // in SlabOptions and on the device; never reused
  std::string_view name;  // for people: "8 classes"
  // A payload of n blocks, at least the smallest slot, gets a slot that is less than n / waste_divisor + 1 blocks
  // larger.
  uint64_t waste_divisor;
  // The slots from `min` on that are below `max`, ascending. REQUIRES: 0 < min <= max <= kMaxSpace.
  std::vector<BlockCount> (*sizes)(BlockCount min, BlockCount max);
};

// Every rule. A new one is a new row in size_classes.cc; options, the format, tests and experiments walk the table.
std::span<const SizeClassRule> SizeClassRules();
// The rule of this id; null if there is none.
const SizeClassRule* FindSizeClassRule(uint8_t id);

// A ladder of slot sizes from the smallest to the largest, which is always a rung, grown by a rule. A payload gets the
// smallest rung that holds it.
class SizeClasses {
 public:
  // REQUIRES: 0 < min <= max <= kMaxSpace.
  SizeClasses(BlockCount min, BlockCount max, const SizeClassRule& rule);

  // The same ladder for payloads that never have a size in `taken`, which is ascending: a rung of such a size shrinks
  // to the largest payload that it can still get, or is left out if that is another rung or zero. So no rung equals a
  // taken size.
  SizeClasses Without(std::span<const BlockCount> taken) const;

  // How many classes there are; zero only after Without.
  size_t size() const { return sizes_.size(); }
  // Ascending.
  std::span<const BlockCount> sizes() const { return sizes_; }
  // The smallest class whose size is at least `count`; size() if there is none.
  // O(1) for up to 8 classes per doubling, O(classes per doubling) for more.
  // REQUIRES: count > 0.
  size_t ClassOf(BlockCount count) const {
    if (sizes_.empty() || count > sizes_.back()) return size();
    size_t index = first_in_bucket_[BucketOf(count)];
    while (sizes_[index] < count) ++index;
    return index;
  }

 private:
  // REQUIRES: `sizes` is ascending.
  explicit SizeClasses(std::vector<BlockCount> sizes);

  // Counts of the same length that agree in their four highest bits share a bucket, so
  // few rungs do. Buckets ascend.
  static constexpr int kBucketBits = 3;
  static size_t BucketOf(BlockCount count) {
    const int shift = std::max(0, static_cast<int>(std::bit_width(count.value())) - kBucketBits - 1);
    return (static_cast<size_t>(shift) << kBucketBits) + (count.value() >> shift);
  }
  void FillBuckets();

  std::vector<BlockCount> sizes_;
  // By bucket: the class of its smallest count.
  std::vector<uint32_t> first_in_bucket_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_SIZE_CLASSES_H_
