// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/comparison_report.h"

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace slotwise {
namespace {

PhaseCost Cost(double seconds, double cpu_seconds) {
  return {.elapsed = absl::Seconds(seconds), .cpu_time = absl::Seconds(cpu_seconds)};
}

constexpr PeerEntry kLimit = {.name = "device", .title = "raw Device", .setup = "fast", .open = nullptr};
constexpr PeerEntry kOther = {.name = "other", .title = "the other", .setup = "slow", .open = nullptr};

// The other peer takes twice as long in the first round and the third, and ten times in the second.
ComparisonCell MadeUpCell() {
  PeerCosts limit{.peer = kLimit, .rounds = {}};
  PeerCosts other{.peer = kOther, .rounds = {}};
  for (const double slower : {2, 10, 2}) {
    limit.rounds.push_back({.put = Cost(1, 0.5), .get = Cost(0.5, 0.25), .cached_get = Cost(0.4, 0.25)});
    other.rounds.push_back({.put = Cost(slower, 3), .get = Cost(0.5 * slower, 2), .cached_get = Cost(0.1, 0.1)});
  }
  return {.payload_bytes = 64 << 10, .submitters = 1, .bytes = uint64_t{1} << 30, .peers = {limit, other}};
}

ComparisonOptions MadeUpOptions() { return {.folder = "/nowhere", .rounds = 3, .peers = {kLimit, kOther}}; }

TEST(ComparisonReportTest, ShowsMedians) {
  const std::vector<ComparisonCell> cells = {MadeUpCell()};
  const std::string table = FormatComparisonTable(MadeUpOptions(), cells);
  const std::string expected =
      "64 KiB, 1 thread  put MB/s  of raw  CPU s/GiB  get MB/s  of raw  CPU s/GiB  cached get  of raw  CPU s/GiB\n"
      "raw Device            1074    1.00       0.50      2147    1.00       0.25        2684    1.25       0.25\n"
      "the other              537    0.50       3.00      1074    0.50       2.00       10737    5.00       0.10\n";
  EXPECT_EQ(table.substr(0, expected.size()), expected);
  EXPECT_NE(table.find("the other: slow\n"), std::string::npos);
}

TEST(ComparisonReportTest, TellsProgramsTheSame) {
  const std::vector<ComparisonCell> cells = {MadeUpCell()};
  const nlohmann::json json = nlohmann::json::parse(FormatComparisonJson(MadeUpOptions(), cells));
  const nlohmann::json& other = json["cells"][0]["peers"][1];
  EXPECT_EQ(other["peer"], "other");
  EXPECT_NEAR(other["get"]["mb_per_s"], 1073.7, 0.1);
  EXPECT_NEAR(other["get"]["of_raw"], 0.5, 1e-9);
  EXPECT_NEAR(other["cached_get"]["of_raw"], 5, 1e-9);
  EXPECT_EQ(other["put"]["mb_per_s_rounds"].size(), 3u);
}

}  // namespace
}  // namespace slotwise
