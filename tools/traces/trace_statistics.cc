// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/trace_statistics.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "glog/logging.h"

namespace slotwise {
namespace {

using LastUse = absl::flat_hash_map<uint64_t, size_t>;  // block -> the latest request that has it

double Mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// 0 for no values.
double Percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

size_t SharedBlocks(const TraceRequest& request, const LastUse& last_use) {
  const auto unseen = std::find_if(request.hash_ids.begin(), request.hash_ids.end(),
                                   [&](uint64_t id) { return !last_use.contains(id); });
  return static_cast<size_t>(unseen - request.hash_ids.begin());
}

struct Samples {
  std::vector<double> inputs;
  std::vector<double> outputs;
  std::vector<double> growths;
  std::vector<double> gaps;
  size_t blocks = 0;
  size_t blocks_reused = 0;
  size_t blocks_unique = 0;
};

Samples Collect(std::span<const TraceRequest> requests) {
  Samples samples;
  LastUse last_use;
  for (size_t i = 0; i < requests.size(); ++i) {
    const TraceRequest& request = requests[i];
    const size_t shared = SharedBlocks(request, last_use);
    if (shared >= 2) {
      const TraceRequest& parent = requests[last_use[request.hash_ids[shared - 1]]];
      samples.growths.push_back(static_cast<double>(request.input_length) - parent.input_length);
      samples.gaps.push_back(static_cast<double>(request.timestamp_ms - parent.timestamp_ms) / 1000);
    }
    for (const uint64_t id : request.hash_ids) last_use[id] = i;
    samples.inputs.push_back(request.input_length);
    samples.outputs.push_back(request.output_length);
    samples.blocks += request.hash_ids.size();
    samples.blocks_reused += shared;
  }
  samples.blocks_unique = last_use.size();
  return samples;
}

}  // namespace

TraceStatistics MeasureTrace(std::span<const TraceRequest> requests) {
  CHECK(!requests.empty());
  const Samples samples = Collect(requests);
  const double count = static_cast<double>(requests.size());
  const double duration_s = static_cast<double>(requests.back().timestamp_ms) / 1000;
  TraceStatistics statistics;
  statistics.requests_per_s = duration_s > 0 ? count / duration_s : 0;
  statistics.input_tokens_mean = Mean(samples.inputs);
  statistics.input_tokens_p50 = Percentile(samples.inputs, 0.5);
  statistics.input_tokens_p90 = Percentile(samples.inputs, 0.9);
  statistics.output_tokens_mean = Mean(samples.outputs);
  statistics.output_tokens_p50 = Percentile(samples.outputs, 0.5);
  statistics.continued_share = static_cast<double>(samples.growths.size()) / count;
  statistics.reused_block_share = static_cast<double>(samples.blocks_reused) / static_cast<double>(samples.blocks);
  statistics.unique_blocks_per_request = static_cast<double>(samples.blocks_unique) / count;
  statistics.growth_tokens_p50 = Percentile(samples.growths, 0.5);
  statistics.gap_s_p50 = Percentile(samples.gaps, 0.5);
  return statistics;
}

}  // namespace slotwise
