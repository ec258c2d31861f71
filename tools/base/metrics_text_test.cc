// SPDX-License-Identifier: Apache-2.0
#include "tools/base/metrics_text.h"

#include <cmath>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "slotwise/store_metrics.h"

namespace slotwise {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

TEST(MetricsTextTest, ReadsWhatPrometheusReads) {
  const auto samples = ParseMetricsText(
      "# HELP a b\n"
      "\n"
      "plain 3\n"
      "  timed{x=\"1\"} 2.5e3 1395066363000\n"
      "quoted{ a = \"x\" } 1\n");
  EXPECT_TRUE(absl::IsInvalidArgument(samples.status()));
  const auto good = ParseMetricsText("plain 3\ntimed{x=\"1\", y=\"a\\\"b\\\\c\\nd\",} +Inf 1395066363000\n").value();
  ASSERT_EQ(good.size(), 2u);
  EXPECT_EQ(good[0].name, "plain");
  EXPECT_EQ(good[0].value, 3);
  EXPECT_THAT(good[1].labels, ElementsAre(Pair("x", "1"), Pair("y", "a\"b\\c\nd")));
  EXPECT_TRUE(std::isinf(good[1].value));
}

TEST(MetricsTextTest, NamesTheLineThatIsWrong) {
  for (const char* wrong : {"a", "a b", "{} 1", "a{x} 1", "a{x=\"1} 1", "a{x=\"1\"y=\"2\"} 1", "a{x=\"\\", "1.5"}) {
    const absl::Status status = ParseMetricsText("fine 1\n" + std::string(wrong)).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << wrong;
    EXPECT_THAT(std::string(status.message()), HasSubstr("line 2")) << wrong;
  }
}

TEST(MetricsTextTest, ReadsWhatStoresWrite) {
  ShardMetrics shard{.store = "uuid", .path = "/dev/with \"quotes\" and \\"};
  shard.statistics.gets = 12345678901;
  const auto samples = ParseMetricsText(PrometheusText({.shards = {shard}})).value();
  EXPECT_EQ(samples.front().name, "slotwise_gets_total");
  EXPECT_EQ(samples.front().value, 12345678901);
  EXPECT_EQ(samples.front().labels.at("device"), shard.path);
}

}  // namespace
}  // namespace slotwise
