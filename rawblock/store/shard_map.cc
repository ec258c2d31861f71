// SPDX-License-Identifier: Apache-2.0
#include "rawblock/store/shard_map.h"

#include <cmath>
#include <limits>

#include "glog/logging.h"
#include "xxhash.h"

namespace slotwise {
namespace {

// In (0, 1), uniform.
double UnitOf(uint64_t hash) { return (static_cast<double>(hash >> 12) + 0.5) * 0x1p-52; }

}  // namespace

ShardMap::ShardMap(const std::vector<Identity>& shards) {
  CHECK(!shards.empty());
  for (const Identity& shard : shards) {
    CHECK_GT(shard.capacity_bytes, 0u);
    candidates_.push_back({.seed = XXH3_64bits(shard.uuid.data(), shard.uuid.size()),
                           .weight = static_cast<double>(shard.capacity_bytes)});
  }
}

size_t ShardMap::ShardOf(std::string_view key) const {
  size_t best = 0;
  double best_score = -std::numeric_limits<double>::infinity();
  for (size_t i = 0; candidates_.size() > 1 && i < candidates_.size(); ++i) {
    const double unit = UnitOf(XXH3_64bits_withSeed(key.data(), key.size(), candidates_[i].seed));
    const double score = -candidates_[i].weight / std::log(unit);
    if (score <= best_score) continue;
    best = i;
    best_score = score;
  }
  return best;
}

}  // namespace slotwise
