// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_STORE_STORE_METRICS_H_
#define SLOTWISE_RAWBLOCK_STORE_STORE_METRICS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "rawblock/core/statistics.h"
#include "rawblock/store/stage_latencies.h"

namespace slotwise {

// Of one shard, since it was opened.
struct ShardMetrics {
  std::string store = {};  // its UUID
  std::string path = {};   // of its device
  Statistics statistics = {};
  Occupancy occupancy = {};
  uint64_t operations = 0;          // accepted and not answered
  uint64_t refused_queue_full = 0;  // operations
  uint64_t refused_stalled = 0;     // operations
  bool stalled = false;             // see RawBlockStoreOptions::stalled_after
  bool read_only = false;           // see RawBlockCore
  bool lost = false;                // its device failed as a whole
  LatencySnapshot latencies = {};
};

// A snapshot of a store.
struct StoreMetrics {
  std::vector<ShardMetrics> shards;
};

// In the text format of Prometheus: counters, gauges and histograms named
// slotwise_..., labelled by store and device; see docs/operating.md. O(shards).
std::string PrometheusText(const StoreMetrics& metrics);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_STORE_STORE_METRICS_H_
