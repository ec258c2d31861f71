// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/capacity_command.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <optional>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "rawblock/eviction/eviction_policies.h"
#include "rawblock/store/output_file.h"
#include "tools/base/build_version.h"
#include "tools/base/command_line.h"
#include "tools/base/memory_limit.h"
#include "tools/base/progress_bar.h"
#include "tools/experiments/capacity_matrix.h"
#include "tools/experiments/capacity_report.h"
#include "tools/experiments/eviction_plan.h"
#include "tools/experiments/scenario.h"
#include "tools/traces/workload.h"

namespace slotwise {
namespace {

constexpr uint64_t kScenarioRequestBytes = 4096;  // about 47 chunks, of which 30 are new

absl::StatusOr<std::vector<ScenarioSpec>> ParseScenarios(const CapacityArguments& arguments) {
  const std::vector<std::string> names =
      arguments.scenario == "all" ? ScenarioNames() : std::vector<std::string>(absl::StrSplit(arguments.scenario, ','));
  std::vector<ScenarioSpec> specs;
  for (const std::string& name : names) {
    absl::StatusOr<ScenarioSpec> spec = FindScenario(name, arguments.seed);
    if (!spec.ok()) return InOption("--scenario", spec.status());
    specs.push_back(*std::move(spec));
  }
  if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) return specs;
  return absl::InvalidArgumentError("--scenario names a scenario twice; name each once");
}

// All requests are in memory, and in each scenario their chunks and objects.
absl::Status CheckRequests(const CapacityArguments& arguments, size_t scenarios) {
  if (!arguments.trace.empty()) return absl::OkStatus();
  return CheckMemory(absl::StrCat("--requests ", arguments.requests), arguments.requests,
                     kGeneratedRequestBytes + scenarios * kScenarioRequestBytes);
}

absl::StatusOr<CapacityMatrix> PlanMatrix(const CapacityArguments& arguments) {
  absl::StatusOr<std::vector<ScenarioSpec>> scenarios = ParseScenarios(arguments);
  if (!scenarios.ok()) return scenarios.status();
  if (absl::Status status = CheckRequests(arguments, scenarios->size()); !status.ok()) return status;
  absl::StatusOr<std::vector<double>> fractions = ParseFractions(arguments.capacity_fraction);
  if (!fractions.ok()) return InOption("--capacity_fraction", fractions.status());
  const absl::StatusOr<EvictionPolicyKind> policy = EvictionPolicyFromName(arguments.policy);
  if (!policy.ok()) return InOption("--policy", policy.status());
  if (*policy == EvictionPolicyKind::kNone) return absl::InvalidArgumentError("--policy: a simulated store must evict");
  if (absl::Status status = arguments.watermarks.Validate(); !status.ok()) return status;
  if (absl::Status status = CheckOutputFiles({arguments.json, arguments.csv}, {arguments.trace}); !status.ok()) {
    return status;
  }
  std::sort(fractions->begin(), fractions->end());
  const int cores = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  return CapacityMatrix{.scenarios = *std::move(scenarios),
                        .capacity_fractions = *std::move(fractions),
                        .policy = *policy,
                        .watermarks = arguments.watermarks,
                        .threads = arguments.threads == 0 ? cores : arguments.threads};
}

CapacityReport MakeReport(const CapacityArguments& arguments, const Workload& workload) {
  CapacityReport report;
  report.trace = workload.source;
  report.trace_sha256 = workload.sha256;
  report.requests = workload.requests.size();
  report.seed = arguments.seed;
  report.commit = std::string(BuildCommit());
  report.policy = arguments.policy;
  report.free_low = arguments.watermarks.low;
  report.free_high = arguments.watermarks.high;
  return report;
}

absl::Status WriteReport(const CapacityArguments& arguments, const CapacityReport& report) {
  std::cout << FormatCapacityTable(report);
  const std::pair<const std::string&, std::string (*)(const CapacityReport&)> outputs[] = {
      {arguments.json, FormatCapacityJson}, {arguments.csv, FormatCapacityCsv}};
  for (const auto& [path, format] : outputs) {
    if (path.empty()) continue;
    if (absl::Status status = WriteOutputFile(path, format(report)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

ExitCode RunCapacity(const CapacityArguments& arguments) {
  const absl::StatusOr<CapacityMatrix> matrix = PlanMatrix(arguments);
  if (!matrix.ok()) return Fail(matrix.status());
  const absl::StatusOr<Workload> workload = arguments.trace.empty()
                                                ? GenerateWorkload(arguments.seed, arguments.requests)
                                                : ReadWorkload(arguments.trace, arguments.requests);
  if (!workload.ok()) return Fail(workload.status());
  CapacityReport report = MakeReport(arguments, *workload);
  {
    std::optional<ProgressBar> bar;
    const auto progress = [&bar](uint64_t done, uint64_t total) {
      if (!bar.has_value()) bar.emplace(stderr, "capacity", "runs", total);
      bar->Update(done, absl::Now());
    };
    RunCapacityMatrix(*matrix, workload->requests, progress, &report);
  }
  const absl::Status written = WriteReport(arguments, report);
  return written.ok() ? ExitCode::kDone : Fail(written, ExitCode::kFailed);
}

}  // namespace slotwise
