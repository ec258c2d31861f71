// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_CHURN_H_
#define SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_CHURN_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>

#include "allocator/allocator.h"
#include "allocator/extent.h"
#include "allocator/testing/allocator_trace.h"
#include "allocator/testing/allocator_workload.h"
#include "allocator/testing/live_payloads.h"

namespace slotwise {

// A cache that is always as full as it may be, played against an allocator: payloads
// of a workload come in, random ones are evicted for them. The same seed and engine
// give the same run.
class AllocatorChurn {
 public:
  // What happened in the measured part of a run. A share of what never happened is 0.
  struct Result {
    uint64_t payloads = 0;  // asked for
    uint64_t refused = 0;
    uint64_t stored = 0;
    uint64_t extents = 0;       // of those stored
    BlockCount stored_blocks;   // what was asked for, of those stored
    BlockCount evicted_beyond;  // evicted for a payload beyond its own size
    // Of live payload blocks / capacity after each payload: the mean, the mean of the
    // worst phase, the minimum.
    double utilisation_mean = 0;
    double utilisation_worst_phase = 1;
    double utilisation_min = 1;
  };

  // `occupancy`: the part of the capacity that may be taken; random payloads are
  // evicted to stay below, and a payload that finds no room nevertheless is refused.
  // Without it payloads are evicted only when one finds no room, and only those that
  // the allocator says help; refused is what no eviction made room for. Either way
  // what is refused is stored if evicting what helps makes room for it.
  AllocatorChurn(Allocator& allocator, uint64_t seed, std::optional<double> occupancy)
      : allocator_(allocator), random_(seed), occupancy_(occupancy) {}

  // Makes the allocator full of payloads of the first phase and turns it over twice,
  // then measures `payloads_per_phase` payloads of every phase.
  Result Run(const AllocatorWorkload& workload, size_t payloads_per_phase);

  const AllocatorTrace& trace() const { return trace_; }
  const LivePayloads& live() const { return live_; }

 private:
  void WarmUp(const PayloadSizes& sizes);
  void RunPhase(const PayloadSizes& sizes, size_t payloads);
  void Put(BlockCount count);
  bool TryAllocate(BlockCount count);
  bool EvictHelping(BlockCount count);
  void Evict(uint32_t cell);
  bool ExceedsOccupancy(BlockCount count) const;

  Allocator& allocator_;
  std::mt19937_64 random_;
  std::optional<double> occupancy_;
  LivePayloads live_;
  AllocatorTrace trace_;
  Result result_;
  BlockCount evicted_;  // for the payload at hand
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_CHURN_H_
