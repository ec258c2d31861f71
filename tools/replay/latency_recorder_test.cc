// SPDX-License-Identifier: Apache-2.0
#include "tools/replay/latency_recorder.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

TEST(LatencyRecorderTest, NothingRecordedIsZero) { EXPECT_EQ(LatencyRecorder().PercentileUs(0.5), 0); }

TEST(LatencyRecorderTest, PercentilesAreTheNearestRank) {
  LatencyRecorder recorder;
  for (int us = 100; us >= 1; --us) recorder.Record(absl::Microseconds(us));
  EXPECT_EQ(recorder.PercentileUs(0.001), 1);
  EXPECT_EQ(recorder.PercentileUs(0.5), 50);
  EXPECT_EQ(recorder.PercentileUs(0.99), 99);
  EXPECT_EQ(recorder.PercentileUs(1), 100);
}

RC_GTEST_PROP(LatencyRecorderTest, AsManySamplesAsTheShareAreNotAbove, (std::vector<uint32_t> us, uint8_t percent)) {
  RC_PRE(!us.empty());
  const double share = (1 + percent % 100) / 100.0;
  LatencyRecorder recorder;
  for (const uint32_t value : us) recorder.Record(absl::Microseconds(value));
  const double percentile = recorder.PercentileUs(share);
  const auto at_most = std::count_if(us.begin(), us.end(), [&](uint32_t value) { return value <= percentile; });
  const auto below = std::count_if(us.begin(), us.end(), [&](uint32_t value) { return value < percentile; });
  RC_ASSERT(static_cast<double>(at_most) >= share * static_cast<double>(us.size()) - 1e-6);
  RC_ASSERT(static_cast<double>(below) < share * static_cast<double>(us.size()) + 1e-6);
}

TEST(LatencyRecorderTest, KeepsAUniformSampleBeyondItsBound) {
  LatencyRecorder recorder(/*samples_max=*/10'000);
  for (int us = 1; us <= 100'000; ++us) recorder.Record(absl::Microseconds(us));
  EXPECT_NEAR(recorder.PercentileUs(0.1), 10'000, 1'500);
  EXPECT_NEAR(recorder.PercentileUs(0.5), 50'000, 3'000);
  EXPECT_NEAR(recorder.PercentileUs(0.9), 90'000, 1'500);
}

}  // namespace
}  // namespace slotwise
