// SPDX-License-Identifier: Apache-2.0
#include "allocator/size_classes.h"

#include <algorithm>
#include <utility>

#include "glog/logging.h"

namespace slotwise {
namespace {

// The largest size up to `size` that is not in `taken`; zero if all are.
BlockCount LargestNotTaken(BlockCount size, std::span<const BlockCount> taken) {
  while (size > BlockCount(0) && std::binary_search(taken.begin(), taken.end(), size)) size -= BlockCount(1);
  return size;
}

}  // namespace

SizeClasses::SizeClasses(BlockCount min, BlockCount max, uint32_t steps_per_doubling) {
  CHECK_GT(min, BlockCount(0));
  CHECK_LE(min, max);
  CHECK_LE(max, kMaxSpace);
  CHECK_GT(steps_per_doubling, 0u);
  const uint64_t steps = steps_per_doubling;
  for (uint64_t base = min.value(); base < max.value(); base *= 2) {
    for (uint64_t step = 0; step < steps; ++step) {
      const BlockCount size((base * (steps + step) + steps - 1) / steps);
      if (size < max && (sizes_.empty() || sizes_.back() < size)) sizes_.push_back(size);
    }
  }
  sizes_.push_back(max);
  FillBuckets();
}

SizeClasses SizeClasses::Without(std::span<const BlockCount> taken) const {
  std::vector<BlockCount> left;
  for (BlockCount size : sizes_) {
    const BlockCount shrunk = LargestNotTaken(size, taken);
    if (shrunk > (left.empty() ? BlockCount(0) : left.back())) left.push_back(shrunk);
  }
  return SizeClasses(std::move(left));
}

SizeClasses::SizeClasses(std::vector<BlockCount> sizes) : sizes_(std::move(sizes)) { FillBuckets(); }

void SizeClasses::FillBuckets() {
  first_in_bucket_.clear();
  for (size_t index = 0; index < size(); ++index) {
    first_in_bucket_.resize(BucketOf(sizes_[index]) + 1, static_cast<uint32_t>(index));
  }
}

}  // namespace slotwise
