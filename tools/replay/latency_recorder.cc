// SPDX-License-Identifier: Apache-2.0
#include "tools/replay/latency_recorder.h"

#include <algorithm>
#include <cmath>

#include "glog/logging.h"

namespace slotwise {

void LatencyRecorder::Record(absl::Duration latency) {
  ++count_;
  const int64_t latency_ns = absl::ToInt64Nanoseconds(latency);
  if (samples_ns_.size() < samples_max_) {
    samples_ns_.push_back(latency_ns);
    return;
  }
  const uint64_t victim = std::uniform_int_distribution<uint64_t>(0, count_ - 1)(random_);
  if (victim < samples_max_) samples_ns_[victim] = latency_ns;
}

double LatencyRecorder::PercentileUs(double share) const {
  CHECK_GT(share, 0);
  CHECK_LE(share, 1);
  if (samples_ns_.empty()) return 0;
  std::vector<int64_t> samples_ns = samples_ns_;
  const double rank = std::ceil(share * static_cast<double>(samples_ns.size()));
  const auto at = samples_ns.begin() + static_cast<ptrdiff_t>(rank) - 1;
  std::nth_element(samples_ns.begin(), at, samples_ns.end());
  return static_cast<double>(*at) / 1000;
}

}  // namespace slotwise
