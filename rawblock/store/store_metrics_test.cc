// SPDX-License-Identifier: Apache-2.0
#include "slotwise/store_metrics.h"

#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rawblock/store/stage_latencies.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(StoreMetricsTest, IsTextThatPrometheusReads) {
  StageLatencies latencies;
  latencies.OnStage(OperationStage::kGet, absl::Microseconds(15));
  latencies.OnStage(OperationStage::kGet, absl::Microseconds(700));
  latencies.OnStage(OperationStage::kGet, absl::Seconds(100));
  ShardMetrics shard{.store = "uuid", .path = "/dev/\"a\""};
  shard.statistics.gets = 4;
  shard.statistics.evicted_blocks = 3;
  shard.occupancy.block_bytes = 4096;
  shard.occupancy.payload_bytes = 123456789012;
  shard.stalled = true;
  shard.oldest_volatile_seconds = 0.125;
  shard.latencies = latencies.Snapshot();
  const std::string text = PrometheusText({.shards = {shard}});
  EXPECT_THAT(text, HasSubstr("# TYPE slotwise_gets_total counter\n"
                              "slotwise_gets_total{store=\"uuid\",device=\"/dev/\\\"a\\\"\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("slotwise_evicted_bytes_total{store=\"uuid\",device=\"/dev/\\\"a\\\"\"} 12288\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE slotwise_payload_bytes gauge\n"));
  EXPECT_THAT(text, HasSubstr("} 123456789012\n"));
  EXPECT_THAT(text, HasSubstr("slotwise_stalled{store=\"uuid\",device=\"/dev/\\\"a\\\"\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE slotwise_oldest_volatile_seconds gauge\n"));
  EXPECT_THAT(text, HasSubstr("slotwise_oldest_volatile_seconds{store=\"uuid\",device=\"/dev/\\\"a\\\"\"} 0.125\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE slotwise_stage_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr("stage=\"get\",le=\"2e-05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("stage=\"get\",le=\"0.001\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("stage=\"get\",le=\"10\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("stage=\"get\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, Not(HasSubstr("nan")));
}

TEST(StoreMetricsTest, NamesEachShard) {
  const std::string text = PrometheusText({.shards = {{.store = "a"}, {.store = "b"}}});
  EXPECT_THAT(text, HasSubstr("slotwise_entries{store=\"a\",device=\"\"} 0\n"
                              "slotwise_entries{store=\"b\",device=\"\"} 0\n"));
}

}  // namespace
}  // namespace slotwise
