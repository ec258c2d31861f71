// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_REPLAY_LATENCY_RECORDER_H_
#define SLOTWISE_TOOLS_REPLAY_LATENCY_RECORDER_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "absl/time/time.h"

namespace slotwise {

// How long operations took. Up to kSamplesMax samples are all kept, and the
// percentiles are exact; beyond that it keeps a uniform sample of that size
// (algorithm R: Vitter, "Random Sampling with a Reservoir", 1985), so memory
// never exceeds 32 MiB.
class LatencyRecorder {
 public:
  static constexpr size_t kSamplesMax = size_t{4} << 20;

  // `samples_max` is smaller in tests only.
  explicit LatencyRecorder(size_t samples_max = kSamplesMax) : samples_max_(samples_max) {}

  // O(1).
  void Record(absl::Duration latency);

  // The sample that `share` of all samples do not exceed (the nearest rank), in
  // microseconds; 0 if there is none. O(samples).
  // REQUIRES: 0 < share <= 1.
  double PercentileUs(double share) const;

 private:
  size_t samples_max_;
  uint64_t count_ = 0;
  std::vector<int64_t> samples_ns_;
  std::mt19937_64 random_;  // its fixed default seed: runs repeat
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_REPLAY_LATENCY_RECORDER_H_
