// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/capacity_matrix.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tools/experiments/capacity_report.h"
#include "tools/experiments/scenario.h"
#include "tools/traces/trace_generator.h"

namespace slotwise {
namespace {

CapacityReport SmallReport(int threads) {
  CapacityMatrix matrix{.scenarios = {}, .capacity_fractions = {0.2, 0.5}, .threads = threads};
  for (const char* name : {"cachegen", "three_models"}) matrix.scenarios.push_back(FindScenario(name, 1).value());
  CapacityReport report;
  uint64_t done_before = 0;
  uint64_t total_seen = 0;
  RunCapacityMatrix(
      matrix, GenerateTrace(/*seed=*/2, 200),
      [&](uint64_t done, uint64_t total) {
        EXPECT_EQ(done, ++done_before);
        total_seen = total;
      },
      &report);
  EXPECT_EQ(done_before, total_seen);
  return report;
}

TEST(CapacityMatrixTest, DoesNotDependOnThreads) {
  const CapacityReport one = SmallReport(1);
  EXPECT_EQ(FormatCapacityJson(one), FormatCapacityJson(SmallReport(3)));
  EXPECT_EQ(one.scenarios.size(), 2u);
  EXPECT_EQ(one.gains.size(), 4u);
  EXPECT_EQ(one.policies.size(), 8u * 5);
}

TEST(CapacityMatrixTest, ReportsWhatIsNeededToJudge) {
  const CapacityReport report = SmallReport(2);
  const nlohmann::json json = nlohmann::json::parse(FormatCapacityJson(report));
  size_t defaults = 0;
  size_t ideals = 0;
  for (const nlohmann::json& run : json["runs"]) {
    for (const char* name : {"scenario", "capacity_fraction", "engine", "default"}) EXPECT_TRUE(run.contains(name));
    if (run.contains("unsuited")) continue;
    for (const char* name :
         {"utilisation_mean", "utilisation_min", "object_hit_ratio", "byte_hit_ratio", "prefix_token_hit_ratio",
          "refused", "internal_waste_ratio", "external_free_ratio", "evictions_per_allocation"}) {
      EXPECT_TRUE(run[name].is_number()) << name;
    }
    defaults += run["default"] == true ? 1 : 0;
    ideals += run["engine"] == "ideal" ? 1 : 0;
  }
  EXPECT_EQ(defaults, 2u * 2 + 5) << "every scenario and capacity, and the curve";
  EXPECT_EQ(ideals, defaults + 5) << "and every sweep: four of cachegen, one of three_models";
}

TEST(CapacityMatrixTest, EveryLineOfTheCsvHasAllColumns) {
  const std::string csv = FormatCapacityCsv(SmallReport(2));
  const auto quotes_of = [](const std::string& line) { return std::count(line.begin(), line.end(), '"'); };
  const size_t head_end = csv.find('\n');
  const std::string head = csv.substr(0, head_end);
  const auto columns = std::count(head.begin(), head.end(), ',') + 1;
  const std::string first = csv.substr(head_end + 1, csv.find('\n', head_end + 1) - head_end - 1);
  EXPECT_EQ(quotes_of(first), 2 * (columns - 1)) << "all but unsuited\n" << first;
}

}  // namespace
}  // namespace slotwise
