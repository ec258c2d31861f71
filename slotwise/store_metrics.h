// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_STORE_METRICS_H_
#define SLOTWISE_STORE_METRICS_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "slotwise/operation_stage.h"
#include "slotwise/statistics.h"

namespace slotwise {

// How often something took how long, in seconds.
struct LatencyHistogram {
  struct Bucket {
    uint64_t cumulative_count = 0;  // of samples up to upper_bound
    double upper_bound = 0;         // the last bucket's is infinite
  };
  uint64_t sample_count = 0;
  double sample_sum = 0;
  std::vector<Bucket> bucket = {};  // ascending
};

// By OperationStage.
using LatencySnapshot = std::array<LatencyHistogram, kOperationStages>;

// Of one shard, since it was opened.
struct ShardMetrics {
  std::string store = {};  // its UUID
  std::string path = {};   // of its device
  Statistics statistics = {};
  Occupancy occupancy = {};
  uint64_t operations = 0;             // accepted and not answered
  uint64_t refused_queue_full = 0;     // operations
  uint64_t refused_stalled = 0;        // operations
  double oldest_volatile_seconds = 0;  // since the oldest answer that a power cut would take back; 0: there is none
  bool stalled = false;                // see RawBlockStoreOptions::stalled_after
  bool read_only = false;              // see RawBlockCore
  bool lost = false;                   // its device failed as a whole
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

#endif  // SLOTWISE_STORE_METRICS_H_
