// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_SIZE_CLASSES_H_
#define SLOTWISE_ALLOCATOR_SIZE_CLASSES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "allocator/extent.h"

namespace slotwise {

// A ladder of slot sizes, `steps` equal steps in every doubling of the smallest:
// min * 2^k * (1 + j / steps), rounded up to whole blocks, up to the largest,
// which is always a rung. Rungs that rounding makes equal are one.
//
// Waste: a payload of at least `min` blocks gets the smallest rung that holds it,
// which is less than 1/steps of the payload plus one block larger.
class SizeClasses {
 public:
  // REQUIRES: 0 < min <= max <= kMaxSpace; steps_per_doubling > 0.
  SizeClasses(BlockCount min, BlockCount max, uint32_t steps_per_doubling);

  // The same ladder for payloads that never have one of the sizes in `taken`: a
  // rung of such a size shrinks to the largest payload it can still get, or goes
  // away when that is another rung or zero. So no rung equals a taken size.
  // `taken` is ascending.
  SizeClasses Without(std::span<const BlockCount> taken) const;

  // How many classes there are; zero only after Without.
  size_t size() const { return sizes_.size(); }
  // Ascending.
  std::span<const BlockCount> sizes() const { return sizes_; }
  // The smallest class whose size is at least `count`; size() if there is none.
  // O(log size()).
  size_t ClassOf(BlockCount count) const;

 private:
  explicit SizeClasses(std::vector<BlockCount> sizes) : sizes_(std::move(sizes)) {}

  std::vector<BlockCount> sizes_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_SIZE_CLASSES_H_
