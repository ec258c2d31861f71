// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_STORE_SHARD_MAP_H_
#define SLOTWISE_RAWBLOCK_STORE_SHARD_MAP_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "rawblock/disk/store_header.h"

namespace slotwise {

// Which shard a key belongs to: rendezvous hashing (Thaler and Ravishankar, 1998) with weights (Schindelhauer and
// Schomaker, "Weighted Distributed Hash Tables", 2005, the logarithmic method). Each shard gets keys in proportion to
// its capacity. A shard that is added takes keys only to itself, and removing one moves only its own keys. Immutable,
// so thread-safe.
class ShardMap {
 public:
  struct Identity {
    Uuid uuid = {};
    uint64_t capacity_bytes = 0;
  };

  // REQUIRES: at least one; all differ in their UUID and have a capacity.
  explicit ShardMap(const std::vector<Identity>& shards);

  // O(shards + length of the key).
  size_t ShardOf(std::string_view key) const;

 private:
  struct Candidate {
    uint64_t seed;
    double weight;
  };
  std::vector<Candidate> candidates_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_STORE_SHARD_MAP_H_
