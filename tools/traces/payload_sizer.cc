// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/payload_sizer.h"

#include <algorithm>
#include <cmath>

#include "glog/logging.h"

namespace slotwise {

uint64_t PayloadSizer::Size(size_t group, uint32_t tokens, uint64_t key_hash) const {
  CHECK_GT(tokens, 0u);
  CHECK_LE(tokens, kChunkTokens);
  return Scaled(group, tokens, compression_.Ratio(key_hash, seed_));
}

uint64_t PayloadSizer::size_max(size_t group) const { return Scaled(group, kChunkTokens, compression_.ratio_min()); }

uint64_t PayloadSizer::size_mean(size_t group) const { return Scaled(group, kChunkTokens, compression_.mean); }

uint64_t PayloadSizer::Scaled(size_t group, uint32_t tokens, double ratio) const {
  CHECK_LT(group, profile_.groups());
  const double tokens_bytes = static_cast<double>(profile_.chunk_bytes[group]) * tokens / kChunkTokens;
  const double bytes = std::ceil(tokens_bytes * scale_.numerator / scale_.denominator / ratio);
  return std::max<uint64_t>(1, static_cast<uint64_t>(bytes));
}

ChunkSizes ChunkSizesOf(const PayloadSizer& sizer) {
  ChunkSizes sizes;
  for (size_t group = 0; group < sizer.profile().groups(); ++group) {
    sizes.largest.push_back(sizer.size_max(group));
    sizes.mean.push_back(sizer.size_mean(group));
  }
  return sizes;
}

}  // namespace slotwise
