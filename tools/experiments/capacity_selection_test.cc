// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/capacity_selection.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

CapacityRun Run(Sweep sweep, const char* scenario, double fraction, const char* engine, uint64_t tokens_hit) {
  CapacityRun run;
  run.sweep = sweep;
  run.scenario = scenario;
  run.capacity_fraction = fraction;
  run.engine = engine;
  run.result.prompt_tokens = 100;
  run.result.prompt_tokens_hit = tokens_hit;
  return run;
}

CapacityReport Report() {
  CapacityReport report;
  report.runs = {
      Run(Sweep::kEngines, "zstd", 0.3, "ideal", 80),   Run(Sweep::kEngines, "zstd", 0.3, "slab", 75),
      Run(Sweep::kEngines, "zstd", 0.1, "slab", 60),    Run(Sweep::kEngines, "cachegen", 0.3, "extent", 70),
      Run(Sweep::kShare, "zstd", 0.3, "share 0 %", 79),
  };
  report.runs[1].unsuited = "too small";
  report.runs[3].is_default = true;
  return report;
}

TEST(CapacitySelectionTest, SelectsByEveryField) {
  const CapacityReport report = Report();
  const CapacitySelection all(report);
  EXPECT_THAT(all.runs(), SizeIs(5));
  EXPECT_THAT(all.Of(Sweep::kShare).runs(), ElementsAre(&report.runs[4]));
  EXPECT_THAT(all.At(0.1).runs(), ElementsAre(&report.runs[2]));
  EXPECT_THAT(all.In("cachegen").runs(), ElementsAre(&report.runs[3]));
  EXPECT_THAT(all.With("slab").Suited().runs(), ElementsAre(&report.runs[2]));
  EXPECT_THAT(all.Default().runs(), ElementsAre(&report.runs[3]));
  EXPECT_TRUE(all.Of(Sweep::kScatter).empty());
}

TEST(CapacitySelectionTest, NamesEachOnce) {
  const CapacityReport report = Report();
  const CapacitySelection engines = CapacitySelection(report).Of(Sweep::kEngines);
  EXPECT_THAT(engines.Scenarios(), ElementsAre("zstd", "cachegen"));
  EXPECT_THAT(engines.Engines(), ElementsAre("ideal", "slab", "extent"));
  EXPECT_THAT(engines.Fractions(), ElementsAre(0.1, 0.3));
}

TEST(CapacitySelectionTest, ComparesWithTheIdealOfTheSameScenarioAndCapacity) {
  const CapacityReport report = Report();
  EXPECT_NEAR(BelowIdeal(report, report.runs[4]).value_or(9), 0.01, 1e-9);  // ideal of another sweep
  EXPECT_FALSE(BelowIdeal(report, report.runs[1]).has_value());             // did not run
  EXPECT_FALSE(BelowIdeal(report, report.runs[2]).has_value());             // no ideal
}

TEST(CapacitySelectionTest, NothingIsHitOfNothing) { EXPECT_EQ(TokensHit({}), 0); }

}  // namespace
}  // namespace slotwise
