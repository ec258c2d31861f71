// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_RESULT_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_RESULT_H_

#include <cstdint>
#include <vector>

namespace slotwise {

// How the values of something are distributed over allocations.
struct Distribution {
  double mean = 0;
  double p50 = 0;
  double p99 = 0;
  double p999 = 0;
  double max = 0;
};

// The entries of one doubling of sizes, [bytes, 2 * bytes).
struct SizeClassAges {
  uint64_t bytes = 0;
  uint64_t evictions = 0;
  double tail_age_s = 0;  // mean time between an entry's last use and its eviction
};

// The store over one part of the requests.
struct OccupancySlice {
  double utilisation = 0;     // mean
  double internal_waste = 0;  // of the capacity
  double external_free = 0;   // of the capacity
  uint64_t refused = 0;
  uint64_t evictions = 0;
};

// What a store with one engine, one capacity and one policy did with a scenario.
// Ratios are of 1. Everything "warm" is averaged over the moments after each request
// from the first eviction or refusal on; of a store that never got that far, as it was
// after the last request.
struct CapacityResult {
  uint64_t requests = 0;
  uint64_t capacity_bytes = 0;
  uint64_t objects_wanted = 0;  // of all chunks of all prompts
  uint64_t objects_hit = 0;     // found by a request, before its first missing chunk
  uint64_t bytes_wanted = 0;
  uint64_t bytes_hit = 0;
  uint64_t prompt_tokens = 0;
  uint64_t prompt_tokens_hit = 0;  // in the chunks before the first that is not whole

  uint64_t allocations = 0;        // placed
  uint64_t refused_too_large = 0;  // larger than any placement of the engine
  uint64_t refused_no_room = 0;    // although everything that helps was evicted, or the budget was spent
  uint64_t evictions = 0;
  uint64_t evicted_bytes = 0;
  uint64_t evictions_ahead = 0;  // of them, by the watermarks and not for a payload that found no room
  uint64_t rebinds = 0;          // segments that changed hands; slab only

  double utilisation_mean = 0;  // warm: live payload, of the capacity
  double utilisation_min = 0;
  double internal_waste_mean = 0;  // warm: in occupied space but not payload, of the occupied space
  double external_free_mean = 0;   // warm: free, of the capacity
  double largest_free_run = 0;     // after the last request, of the capacity
  double extents_per_payload = 0;  // over all allocations

  Distribution evictions_per_allocation;      // for a payload that found no room
  Distribution evicted_per_allocated_byte;    // the same, in bytes, of the payload's own
  Distribution reclaimed_per_allocated_byte;  // those ahead of demand included
  uint64_t orphans = 0;                       // entries after the last request whose prefix is not there
  uint64_t entries = 0;                       // after the last request

  std::vector<SizeClassAges> tail_ages;  // ascending
  std::vector<OccupancySlice> slices;    // up to 64, of equally many requests

  uint64_t refused() const { return refused_too_large + refused_no_room; }
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_CAPACITY_RESULT_H_
