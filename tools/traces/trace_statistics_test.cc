// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/trace_statistics.h"

#include <vector>

#include "gtest/gtest.h"
#include "tools/traces/trace_request.h"

namespace slotwise {
namespace {

TEST(TraceStatisticsTest, CountsByHand) {
  const std::vector<TraceRequest> requests = {
      {0, 1300, 100, {0, 1, 2}},         // new
      {1000, 600, 200, {0, 3}},          // new: shares the system prompt only
      {4000, 1500, 300, {0, 1, 4}},      // continues the first
      {10000, 1600, 400, {0, 1, 4, 5}},  // continues the third
  };
  const TraceStatistics statistics = MeasureTrace(requests);
  EXPECT_DOUBLE_EQ(statistics.requests_per_s, 0.4);
  EXPECT_DOUBLE_EQ(statistics.input_tokens_mean, 1250);
  EXPECT_DOUBLE_EQ(statistics.input_tokens_p50, 1300);
  EXPECT_DOUBLE_EQ(statistics.input_tokens_p90, 1500);
  EXPECT_DOUBLE_EQ(statistics.output_tokens_mean, 250);
  EXPECT_DOUBLE_EQ(statistics.output_tokens_p50, 200);
  EXPECT_DOUBLE_EQ(statistics.continued_share, 0.5);
  EXPECT_DOUBLE_EQ(statistics.reused_block_share, 6.0 / 12);
  EXPECT_DOUBLE_EQ(statistics.unique_blocks_per_request, 6.0 / 4);
  EXPECT_DOUBLE_EQ(statistics.growth_tokens_p50, 100);
  EXPECT_DOUBLE_EQ(statistics.gap_s_p50, 4);
}

}  // namespace
}  // namespace slotwise
