// SPDX-License-Identifier: Apache-2.0
#include "rawblock/store/stage_latencies.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "prometheus/client_metric.h"

namespace slotwise {
namespace {

constexpr double kBoundaries[] = {1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2,
                                  2e-2, 5e-2, 0.1,  0.2,  0.5,  1.0,  2.0,  5.0,  10.0};

template <size_t... kStage>
std::array<prometheus::Histogram, kOperationStages> MakeHistograms(std::index_sequence<kStage...> /*stages*/) {
  return {(static_cast<void>(kStage), prometheus::Histogram({std::begin(kBoundaries), std::end(kBoundaries)}))...};
}

LatencyHistogram HistogramOf(const prometheus::ClientMetric::Histogram& collected) {
  LatencyHistogram histogram{.sample_count = collected.sample_count, .sample_sum = collected.sample_sum};
  for (const prometheus::ClientMetric::Bucket& bucket : collected.bucket) {
    histogram.bucket.push_back({.cumulative_count = bucket.cumulative_count, .upper_bound = bucket.upper_bound});
  }
  return histogram;
}

}  // namespace

StageLatencies::StageLatencies() : histograms_(MakeHistograms(std::make_index_sequence<kOperationStages>())) {}

void StageLatencies::OnStage(OperationStage stage, absl::Duration took) {
  const absl::Duration measured = std::max(took, absl::ZeroDuration());
  histograms_[static_cast<size_t>(stage)].Observe(absl::ToDoubleSeconds(measured));
}

LatencySnapshot StageLatencies::Snapshot() const {
  LatencySnapshot snapshot;
  for (size_t stage = 0; stage < kOperationStages; ++stage) {
    snapshot[stage] = HistogramOf(histograms_[stage].Collect().histogram);
  }
  return snapshot;
}

}  // namespace slotwise
