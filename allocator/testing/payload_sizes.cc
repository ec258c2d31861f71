// SPDX-License-Identifier: Apache-2.0
#include "allocator/testing/payload_sizes.h"

#include <algorithm>
#include <cmath>

#include "glog/logging.h"

namespace slotwise {

PayloadSizes PayloadSizes::Uniform(BlockCount min, BlockCount max) {
  CHECK_LE(min, max);
  std::vector<BlockCount> values;
  for (BlockCount size = min; size <= max; size += BlockCount(1)) values.push_back(size);
  return PayloadSizes(std::move(values));
}

PayloadSizes PayloadSizes::LogUniform(BlockCount min, BlockCount max) {
  CHECK_GT(min, BlockCount(0));
  CHECK_LE(min, max);
  constexpr int kValues = 4096;
  const double ratio = static_cast<double>(max.value()) / static_cast<double>(min.value());
  std::vector<BlockCount> values;
  for (int i = 0; i < kValues; ++i) {
    const double size = static_cast<double>(min.value()) * std::pow(ratio, (i + 0.5) / kValues);
    values.emplace_back(static_cast<uint64_t>(std::ceil(size)));
  }
  return PayloadSizes(std::move(values));
}

PayloadSizes PayloadSizes::Bimodal(BlockCount common, uint64_t percent, BlockCount min, BlockCount max) {
  CHECK_LT(percent, 100u);
  const std::vector<BlockCount> uniform = Uniform(min, max).values_;
  std::vector<BlockCount> values(uniform.size() * percent, common);
  for (uint64_t i = percent; i < 100; ++i) values.insert(values.end(), uniform.begin(), uniform.end());
  return PayloadSizes(std::move(values));
}

BlockCount PayloadSizes::smallest() const { return *std::min_element(values_.begin(), values_.end()); }

BlockCount PayloadSizes::largest() const { return *std::max_element(values_.begin(), values_.end()); }

}  // namespace slotwise
