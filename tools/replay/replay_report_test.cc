// SPDX-License-Identifier: Apache-2.0
#include "tools/replay/replay_report.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/replay/replay_result.h"

namespace slotwise {
namespace {

ReplayRun ExampleRun() {
  ReplayRun run;
  run.config.allocator = "slab";
  run.config.trace_sha256 = "abc";
  run.config.seed = 7;
  run.result.requests = 10;
  run.result.gets = 50;
  run.result.hits = 40;
  run.result.puts = 25;
  run.result.refused_puts = 5;
  run.result.evictions = 30;
  run.result.prompt_tokens = 1000;
  run.result.prompt_tokens_hit = 250;
  run.result.prompt_bytes = 400;
  run.result.prompt_bytes_hit = 200;
  run.result.get_seconds = 2;
  run.result.bytes_got = uint64_t{3} << 30;
  run.result.metadata_bytes_written = 2000;
  run.result.utilisation_mean = 0.975;
  return run;
}

// The keys that readers of the report rely on, in their order.
const std::vector<std::string> kKeys = {
    "requests",
    "gets",
    "hits",
    "prefix_token_hit_ratio",
    "byte_hit_ratio",
    "puts",
    "refused_puts",
    "evictions",
    "evictions_per_put",
    "wrong_bytes",
    "checksum_failures",
    "utilisation_mean",
    "utilisation_min",
    "internal_waste_ratio",
    "external_free_ratio",
    "read_gib_per_s",
    "write_gib_per_s",
    "get_p50_us",
    "get_p99_us",
    "put_p50_us",
    "put_p99_us",
    "metadata_bytes_per_put",
    "device_bytes_written",
    "trace_sha256",
    "seed",
    "config",
};

TEST(ReplayReportTest, JsonHasTheAgreedKeys) {
  const auto report = nlohmann::ordered_json::parse(FormatReplayJson(std::vector<ReplayRun>(2, ExampleRun())));
  ASSERT_EQ(report["runs"].size(), 2u);
  std::vector<std::string> keys;
  for (const auto& [key, value] : report["runs"][1].items()) keys.push_back(key);
  EXPECT_EQ(keys, kKeys);
}

TEST(ReplayReportTest, JsonHasTheRatios) {
  const auto run = nlohmann::json::parse(FormatReplayJson(std::vector<ReplayRun>{ExampleRun()}))["runs"][0];
  EXPECT_EQ(run["prefix_token_hit_ratio"], 0.25);
  EXPECT_EQ(run["byte_hit_ratio"], 0.5);
  EXPECT_EQ(run["evictions_per_put"], 1.5);
  EXPECT_EQ(run["metadata_bytes_per_put"], 100);
  EXPECT_EQ(run["read_gib_per_s"], 1.5);
  EXPECT_EQ(run["write_gib_per_s"], 0);
  EXPECT_EQ(run["trace_sha256"], "abc");
  EXPECT_EQ(run["seed"], 7);
  EXPECT_EQ(run["config"]["allocator"], "slab");
}

TEST(ReplayReportTest, TheTableStandsSideBySide) {
  ReplayRun fixed = ExampleRun();
  fixed.config.allocator = "fixed";
  fixed.result.utilisation_mean = 0.5;
  const std::string table = FormatReplayTable(std::vector<ReplayRun>{fixed, ExampleRun()});
  EXPECT_EQ(table.substr(0, table.find('\n')), "                          fixed     slab");
  EXPECT_NE(table.find("utilisation, mean       50.00 %  97.50 %\n"), std::string::npos) << table;
}

}  // namespace
}  // namespace slotwise
