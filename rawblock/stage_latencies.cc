// SPDX-License-Identifier: Apache-2.0
#include "rawblock/stage_latencies.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace slotwise {
namespace {

std::vector<double> BucketBoundaries() {
  std::vector<double> boundaries;
  for (double decade = 1e-5; decade < 5; decade *= 10) {
    for (const double step : {1.0, 2.0, 5.0}) boundaries.push_back(step * decade);
  }
  boundaries.push_back(10);
  return boundaries;
}

template <size_t... kStage>
std::array<prometheus::Histogram, kOperationStages> MakeHistograms(const std::vector<double>& boundaries,
                                                                   std::index_sequence<kStage...> /*stages*/) {
  return {((void)kStage, prometheus::Histogram(boundaries))...};
}

}  // namespace

StageLatencies::StageLatencies()
    : histograms_(MakeHistograms(BucketBoundaries(), std::make_index_sequence<kOperationStages>())) {}

void StageLatencies::OnStage(OperationStage stage, absl::Duration took) {
  const absl::Duration measured = std::max(took, absl::ZeroDuration());
  histograms_[static_cast<size_t>(stage)].Observe(absl::ToDoubleSeconds(measured));
}

LatencySnapshot StageLatencies::Snapshot() const {
  LatencySnapshot snapshot;
  for (size_t stage = 0; stage < kOperationStages; ++stage) snapshot[stage] = histograms_[stage].Collect().histogram;
  return snapshot;
}

}  // namespace slotwise
