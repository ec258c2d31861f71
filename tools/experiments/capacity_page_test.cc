// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/capacity_page.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/experiments/sample_capacity_report.h"

namespace slotwise {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

auto HasSection(const std::string& id) { return HasSubstr("<section id=\"" + id + "\">"); }

// The sample with the runs of one sweep only.
CapacityReport SampleOf(Sweep sweep) {
  CapacityReport report = SampleCapacityReport();
  std::erase_if(report.runs, [&](const CapacityRun& run) { return run.sweep != sweep; });
  report.scenarios.clear();
  report.policies.clear();
  report.gains.clear();
  return report;
}

TEST(CapacityPageTest, HasASectionForEveryQuestion) {
  const std::string page = FormatCapacityPage(SampleCapacityReport());
  for (const char* id :
       {"space", "hits", "gains", "switch", "bursts", "policies", "share", "sweeps", "sizes", "runs"}) {
    EXPECT_THAT(page, HasSection(id));
    EXPECT_THAT(page, HasSubstr("<a href=\"#" + std::string(id) + "\">"));
  }
}

TEST(CapacityPageTest, AnEmptyReportHasNoSections) {
  const std::string page = FormatCapacityPage({});
  EXPECT_THAT(page, Not(HasSubstr("<section")));
  EXPECT_THAT(page, HasSubstr("holds no runs"));
}

TEST(CapacityPageTest, ShowsOnlyWhatWasRun) {
  EXPECT_THAT(FormatCapacityPage(SampleOf(Sweep::kShare)), AllOf(HasSection("share"), Not(HasSection("space"))));
  EXPECT_THAT(FormatCapacityPage(SampleOf(Sweep::kCapacities)), AllOf(HasSection("hits"), Not(HasSection("share"))));
  EXPECT_THAT(FormatCapacityPage(SampleOf(Sweep::kScatter)), AllOf(HasSection("sweeps"), Not(HasSection("runs"))));
}

TEST(CapacityPageTest, WithoutIdealRunsTheShareIsJudgedByPayload) {
  EXPECT_THAT(FormatCapacityPage(SampleOf(Sweep::kShare)), HasSubstr("Payload, as a part of the capacity"));
  EXPECT_THAT(FormatCapacityPage(SampleCapacityReport()), HasSubstr("than by the ideal engine"));
}

// Runs that did nothing: no requests, no capacity, no slices.
TEST(CapacityPageTest, NothingIsDividedByZero) {
  CapacityReport report = SampleCapacityReport();
  for (CapacityRun& run : report.runs) run.result = {};
  for (CapacityRun& run : report.runs) run.capacity_fraction = 0;
  for (PolicyRun& run : report.policies) run.requests = run.misses = 0;
  for (ScenarioSummary& scenario : report.scenarios) scenario.sizes = {{0, 0}};
  const std::string page = FormatCapacityPage(report);
  EXPECT_THAT(page, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("\"inf")), Not(HasSubstr("-inf"))));
  EXPECT_THAT(page, HasSection("space"));
}

TEST(CapacityPageTest, NothingIsSuited) {
  CapacityReport report = SampleCapacityReport();
  for (CapacityRun& run : report.runs) run.unsuited = "no room for a slot";
  const std::string page = FormatCapacityPage(report);
  EXPECT_THAT(page, HasSubstr("unsuited: no room for a slot"));
  EXPECT_THAT(page, AllOf(Not(HasSection("bursts")), Not(HasSubstr("class=\"facts\""))));
}

TEST(CapacityPageTest, HeadlineIsOfTheDefaultEngine) {
  CapacityReport report = SampleOf(Sweep::kEngines);
  for (CapacityRun& run : report.runs) run.result.utilisation_mean = run.is_default ? 0.9876 : 0.1;
  EXPECT_THAT(FormatCapacityPage(report), HasSubstr("<dt>Payload of the capacity, mean, worst</dt><dd>98.76 %<span>"));
}

TEST(CapacityPageTest, TheCommandQuotesTheTrace) {
  CapacityReport report;
  report.trace = "it's here.jsonl";
  EXPECT_THAT(FormatCapacityPage(report), HasSubstr("--trace &#39;it&#39;\\&#39;&#39;s here.jsonl&#39; --seed"));
  report.trace = "generated";
  EXPECT_THAT(FormatCapacityPage(report), Not(HasSubstr("--trace")));
}

}  // namespace
}  // namespace slotwise
