// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/trace_generator.h"

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "tools/traces/mooncake_trace.h"
#include "tools/traces/trace_request.h"
#include "tools/traces/trace_statistics.h"

namespace slotwise {
namespace {

// What the header documents of the public trace.
constexpr TraceStatistics kDocumented = {
    .requests_per_s = 3.40,
    .input_tokens_mean = 12035,
    .input_tokens_p50 = 6909,
    .input_tokens_p90 = 27367,
    .output_tokens_mean = 343,
    .output_tokens_p50 = 350,
    .continued_share = 0.387,
    .reused_block_share = 0.366,
    .unique_blocks_per_request = 15.2,
    .growth_tokens_p50 = 454,
    .gap_s_p50 = 123,
};
constexpr uint64_t kRequests = 12'031;

TEST(TraceGeneratorTest, FollowsTheDocumentedStatistics) {
  for (const uint64_t seed : {1, 2, 3, 4, 5}) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const TraceStatistics statistics = MeasureTrace(GenerateTrace(seed, kRequests));
    EXPECT_NEAR(statistics.requests_per_s / kDocumented.requests_per_s, 1, 0.08);
    EXPECT_NEAR(statistics.input_tokens_mean / kDocumented.input_tokens_mean, 1, 0.08);
    EXPECT_NEAR(statistics.input_tokens_p50 / kDocumented.input_tokens_p50, 1, 0.12);
    EXPECT_NEAR(statistics.input_tokens_p90 / kDocumented.input_tokens_p90, 1, 0.12);
    EXPECT_NEAR(statistics.output_tokens_mean / kDocumented.output_tokens_mean, 1, 0.05);
    EXPECT_NEAR(statistics.output_tokens_p50 / kDocumented.output_tokens_p50, 1, 0.05);
    EXPECT_NEAR(statistics.continued_share, kDocumented.continued_share, 0.02);
    EXPECT_NEAR(statistics.reused_block_share, kDocumented.reused_block_share, 0.04);
    EXPECT_NEAR(statistics.unique_blocks_per_request / kDocumented.unique_blocks_per_request, 1, 0.10);
    EXPECT_NEAR(statistics.growth_tokens_p50 / kDocumented.growth_tokens_p50, 1, 0.15);
    EXPECT_NEAR(statistics.gap_s_p50 / kDocumented.gap_s_p50, 1, 0.15);
  }
}

TEST(TraceGeneratorTest, TheDocumentedStatisticsAreThoseOfTheTrace) {
  const char* path = std::getenv("SLOTWISE_TRACE");
  if (path == nullptr) GTEST_SKIP() << "set SLOTWISE_TRACE to the path of Mooncake's conversation_trace.jsonl";
  const absl::StatusOr<std::vector<TraceRequest>> requests = ReadMooncakeTrace(path);
  ASSERT_TRUE(requests.ok()) << requests.status();
  const TraceStatistics statistics = MeasureTrace(*requests);
  EXPECT_EQ(requests->size(), kRequests);
  EXPECT_NEAR(statistics.requests_per_s, kDocumented.requests_per_s, 0.01);
  EXPECT_NEAR(statistics.input_tokens_mean, kDocumented.input_tokens_mean, 1);
  EXPECT_NEAR(statistics.input_tokens_p50, kDocumented.input_tokens_p50, 1);
  EXPECT_NEAR(statistics.input_tokens_p90, kDocumented.input_tokens_p90, 1);
  EXPECT_NEAR(statistics.output_tokens_mean, kDocumented.output_tokens_mean, 1);
  EXPECT_NEAR(statistics.output_tokens_p50, kDocumented.output_tokens_p50, 1);
  EXPECT_NEAR(statistics.continued_share, kDocumented.continued_share, 0.001);
  EXPECT_NEAR(statistics.reused_block_share, kDocumented.reused_block_share, 0.001);
  EXPECT_NEAR(statistics.unique_blocks_per_request, kDocumented.unique_blocks_per_request, 0.1);
  EXPECT_NEAR(statistics.growth_tokens_p50, kDocumented.growth_tokens_p50, 1);
  EXPECT_NEAR(statistics.gap_s_p50, kDocumented.gap_s_p50, 1);
}

TEST(TraceGeneratorTest, TheSeedDecidesTheStream) {
  EXPECT_EQ(GenerateTrace(7, 500), GenerateTrace(7, 500));
  EXPECT_NE(GenerateTrace(7, 500), GenerateTrace(8, 500));
}

TEST(TraceGeneratorTest, RequestsAreWellFormed) {
  uint64_t timestamp_ms = 0;
  for (const TraceRequest& request : GenerateTrace(1, 2000)) {
    EXPECT_GE(request.timestamp_ms, timestamp_ms);
    timestamp_ms = request.timestamp_ms;
    EXPECT_EQ(request.hash_ids.front(), 0u);
    EXPECT_EQ(*ParseMooncakeRequest(FormatMooncakeRequest(request)), request);
  }
}

TEST(TraceGeneratorTest, ABlockAlwaysFollowsTheSameBlock) {
  absl::flat_hash_map<uint64_t, uint64_t> predecessors;
  for (const TraceRequest& request : GenerateTrace(1, 2000)) {
    for (size_t i = 1; i < request.hash_ids.size(); ++i) {
      const uint64_t before = request.hash_ids[i - 1];
      EXPECT_EQ(predecessors.try_emplace(request.hash_ids[i], before).first->second, before);
    }
  }
}

}  // namespace
}  // namespace slotwise
