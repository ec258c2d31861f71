// SPDX-License-Identifier: Apache-2.0
#include "allocator/block_bitmap.h"

#include <algorithm>
#include <vector>

#include "allocator/extent.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

Extent AnyExtent(uint64_t capacity) {
  const auto start = *rc::gen::inRange<uint64_t>(0, capacity);
  return Extent(BlockIndex(start), BlockCount(*rc::gen::inRange<uint64_t>(1, capacity - start + 1)));
}

RC_GTEST_PROP(BlockBitmapTest, IsAVectorOfFlags, ()) {
  const auto capacity = *rc::gen::inRange<uint64_t>(1, 300);
  BlockBitmap bitmap{BlockCount(capacity)};
  std::vector<bool> flags(capacity);
  for (int step = 0; step < 20; ++step) {
    const Extent extent = AnyExtent(capacity);
    const bool set = *rc::gen::arbitrary<bool>();
    const auto first = flags.begin() + static_cast<std::ptrdiff_t>(extent.start().value());
    const auto last = first + static_cast<std::ptrdiff_t>(extent.count().value());
    RC_ASSERT(bitmap.AnySet(extent) == (std::find(first, last, true) != last));
    set ? bitmap.Set(extent) : bitmap.Clear(extent);
    std::fill(first, last, set);
    const auto from = static_cast<std::ptrdiff_t>(extent.start().value());
    const auto distance = [&](bool value) {
      return static_cast<uint64_t>(std::find(flags.begin() + from, flags.end(), value) - flags.begin());
    };
    RC_ASSERT(bitmap.NextClear(extent.start()) == BlockIndex(distance(false)));
    RC_ASSERT(bitmap.NextSet(extent.start()) == BlockIndex(distance(true)));
  }
}

}  // namespace
}  // namespace slotwise
