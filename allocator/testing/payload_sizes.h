// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_TESTING_PAYLOAD_SIZES_H_
#define SLOTWISE_ALLOCATOR_TESTING_PAYLOAD_SIZES_H_

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "allocator/extent.h"

namespace slotwise {

// A distribution of payload sizes, kept as equally likely values and drawn from by
// picking one. A value.
class PayloadSizes {
 public:
  static PayloadSizes Single(BlockCount size) { return PayloadSizes({size}); }
  // Every size from `min` to `max` is equally likely.
  // REQUIRES: min <= max.
  static PayloadSizes Uniform(BlockCount min, BlockCount max);
  // The logarithm of the size is equally likely anywhere between those of `min` and
  // `max`, to 1/4096; sizes are rounded up to whole blocks.
  // REQUIRES: 0 < min <= max.
  static PayloadSizes LogUniform(BlockCount min, BlockCount max);
  // `percent` of the payloads have the size `common`; the others are uniform.
  // REQUIRES: min <= max, percent < 100.
  static PayloadSizes Bimodal(BlockCount common, uint64_t percent, BlockCount min, BlockCount max);

  BlockCount Draw(std::mt19937_64& random) const { return values_[random() % values_.size()]; }
  BlockCount smallest() const;
  BlockCount largest() const;

 private:
  // REQUIRES: `values` is not empty.
  explicit PayloadSizes(std::vector<BlockCount> values) : values_(std::move(values)) {}

  std::vector<BlockCount> values_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_TESTING_PAYLOAD_SIZES_H_
