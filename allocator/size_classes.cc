// SPDX-License-Identifier: Apache-2.0
#include "allocator/size_classes.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "glog/logging.h"

namespace slotwise {
namespace {

// The largest size up to `size` that is not in `taken`; zero if all are.
BlockCount LargestNotTaken(BlockCount size, std::span<const BlockCount> taken) {
  while (size > BlockCount(0) && std::binary_search(taken.begin(), taken.end(), size)) size -= BlockCount(1);
  return size;
}

// kSteps equal steps in every doubling of the smallest: min * 2^k * (1 + j / kSteps), rounded up to whole blocks. Rungs
// that rounding makes equal are one.
template <uint64_t kSteps>
std::vector<BlockCount> EqualSteps(BlockCount min, BlockCount max) {
  std::vector<BlockCount> sizes;
  for (uint64_t base = min.value(); base < max.value(); base *= 2) {
    for (uint64_t step = 0; step < kSteps; ++step) {
      const BlockCount size((base * (kSteps + step) + kSteps - 1) / kSteps);
      if (size < max && (sizes.empty() || sizes.back() < size)) sizes.push_back(size);
    }
  }
  return sizes;
}

constexpr SizeClassRule kRules[] = {
    {.id = 1, .name = "1 class", .waste_divisor = 1, .sizes = EqualSteps<1>},
    {.id = 2, .name = "2 classes", .waste_divisor = 2, .sizes = EqualSteps<2>},
    {.id = 4, .name = "4 classes", .waste_divisor = 4, .sizes = EqualSteps<4>},
    {.id = 8, .name = "8 classes", .waste_divisor = 8, .sizes = EqualSteps<8>},
};

}  // namespace

std::span<const SizeClassRule> SizeClassRules() { return kRules; }

const SizeClassRule* FindSizeClassRule(uint8_t id) {
  const auto* const rule = std::ranges::find(kRules, id, &SizeClassRule::id);
  return rule == std::end(kRules) ? nullptr : rule;
}

SizeClasses::SizeClasses(BlockCount min, BlockCount max, const SizeClassRule& rule) {
  CHECK_GT(min, BlockCount(0));
  CHECK_LE(min, max);
  CHECK_LE(max, kMaxSpace);
  sizes_ = rule.sizes(min, max);
  sizes_.push_back(max);
  CHECK(min == max || sizes_.front() == min) << rule.name;
  CHECK(std::ranges::is_sorted(sizes_, std::less_equal<>())) << rule.name << ": sizes must ascend";
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
