// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/stat_command.h"

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rawblock/store/stage_latencies.h"
#include "slotwise/store_metrics.h"
#include "tools/base/metrics_text.h"

namespace slotwise {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<MetricSample> SamplesOf(const StoreMetrics& metrics) {
  return ParseMetricsText(PrometheusText(metrics)).value();
}

TEST(StatCommandTest, DescribesEachDevice) {
  ShardMetrics first{.store = "a", .path = "/dev/first"};
  first.occupancy.block_bytes = 4096;
  first.occupancy.free_blocks = 256;
  first.statistics.gets = 1'234'567;
  const ShardMetrics second{.store = "b", .path = "/dev/second"};
  const std::string text = DescribeMetrics(SamplesOf({.shards = {first, second}})).value();
  EXPECT_THAT(text, ContainsRegex("^device +/dev/first +/dev/second\n"));
  EXPECT_THAT(text, ContainsRegex("\nfree_bytes +1 MiB +0"));
  EXPECT_THAT(text, ContainsRegex("\ngets_total +1,234,567 +0\n"));
  EXPECT_THAT(text, Not(HasSubstr("stage")));
}

TEST(StatCommandTest, RatesAreOfWhatHappenedBetween) {
  StageLatencies latencies;
  latencies.OnStage(OperationStage::kGet, absl::Milliseconds(100));
  ShardMetrics before{.store = "a", .path = "/dev/first"};
  before.statistics.gets = 1000;
  before.statistics.puts = 500;
  before.latencies = latencies.Snapshot();
  ShardMetrics after = before;
  after.statistics.gets = 3000;
  after.statistics.puts = 100;  // opened again
  latencies.OnStage(OperationStage::kGet, absl::Milliseconds(2));
  latencies.OnStage(OperationStage::kGet, absl::Milliseconds(4));
  after.latencies = latencies.Snapshot();
  const std::string text =
      DescribeRates(SamplesOf({.shards = {before}}), SamplesOf({.shards = {after}}), /*seconds=*/10).value();
  EXPECT_THAT(text, ContainsRegex("\ngets_total +200\n"));
  EXPECT_THAT(text, ContainsRegex("\nputs_total +10\n"));
  EXPECT_THAT(text, ContainsRegex("\nget +3.000 ms\n"));
  EXPECT_THAT(text, ContainsRegex("\nput +-\n"));
  EXPECT_THAT(text, Not(HasSubstr("free_bytes")));
}

TEST(StatCommandTest, RefusesWhatHasNoMetrics) {
  EXPECT_TRUE(absl::IsInvalidArgument(DescribeMetrics({}).status()));
  const std::vector<MetricSample> others = ParseMetricsText("node_load1 0.5\n").value();
  EXPECT_TRUE(absl::IsInvalidArgument(DescribeMetrics(others).status()));
}

// Nor waits for one that never ends, nor aborts.
TEST(StatCommandTest, RefusesWhatIsNoFile) {
  for (const std::string& path :
       {std::string("/does/not/exist"), testing::TempDir(), std::string("/dev/zero"), std::string("/dev/null")}) {
    EXPECT_EQ(RunStat({.file = path}), ExitCode::kUsage) << path;
  }
  EXPECT_EQ(RunStat({.file = "/proc/self/mem"}), ExitCode::kFailed);
}

}  // namespace
}  // namespace slotwise
