// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_EVICTION_SIMULATOR_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_EVICTION_SIMULATOR_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/traces/cache_request.h"

namespace slotwise {

// The names of the policies that a store can have, and last "belady": MIN, the bound that looks ahead.
std::vector<std::string> SimulatedPolicies();

struct EvictionResult {
  uint64_t requests = 0;
  uint64_t misses = 0;
  uint64_t missed_bytes = 0;  // real sizes, also when they are ignored as capacity

  friend bool operator==(const EvictionResult&, const EvictionResult&) = default;
};

// Plays `requests` through an empty cache of `capacity` bytes or, with
// `ignore_size`, objects. A request for an object that is not there is a miss;
// the object enters after as many evictions as it needs, unless it is larger
// than the cache.
//
// An object keeps the size with which it entered until it leaves; a hit that
// names another size changes nothing, as in libCacheSim.
//
// The result depends on the arguments alone, so runs may be parallel. O(requests),
// with gdsf and belady O(requests * log(objects in the cache)). Memory goes by
// the objects in the cache; belady takes 4 bytes per request besides, and while
// it starts 17 to 39 per object.
//
// REQUIRES: `policy` is one of SimulatedPolicies; fewer than 2^32 - 1 requests.
EvictionResult SimulateEviction(std::span<const CacheRequest> requests, std::string_view policy, uint64_t capacity,
                                bool ignore_size);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_EVICTION_SIMULATOR_H_
