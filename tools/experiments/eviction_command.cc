// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/eviction_command.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <iostream>
#include <limits>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "rawblock/store/output_file.h"
#include "tools/base/build_version.h"
#include "tools/base/command_line.h"
#include "tools/base/parallel_for.h"
#include "tools/base/progress_bar.h"
#include "tools/base/sha256.h"
#include "tools/experiments/eviction_plan.h"
#include "tools/experiments/eviction_report.h"
#include "tools/experiments/eviction_simulator.h"
#include "tools/stores/store_arguments.h"
#include "tools/traces/cache_trace.h"
#include "tools/traces/chunk_stream.h"
#include "tools/traces/payload_sizer.h"
#include "tools/traces/working_set.h"

namespace slotwise {
namespace {

constexpr char kDefaultFractions[] = "0.01,0.03,0.1,0.3";

// What was asked for, examined.
struct EvictionPlan {
  CacheTraceOptions options;
  ChunkStream chunks;
  std::vector<std::string> policies;
  std::vector<uint64_t> capacities;  // empty: by fractions
  std::vector<double> fractions;
};

absl::Status PlanCapacities(const EvictionArguments& arguments, EvictionPlan* plan) {
  if (!arguments.capacity.empty()) {
    absl::StatusOr<std::vector<uint64_t>> capacities = ParseCapacities(arguments.capacity, arguments.ignore_size);
    if (!capacities.ok()) return InOption("--capacity", capacities.status());
    plan->capacities = *std::move(capacities);
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<double>> fractions =
      ParseFractions(arguments.capacity_fraction.empty() ? kDefaultFractions : arguments.capacity_fraction);
  if (!fractions.ok()) return InOption("--capacity_fraction", fractions.status());
  plan->fractions = *std::move(fractions);
  return absl::OkStatus();
}

absl::StatusOr<ChunkStream> MakeChunkStream(const EvictionArguments& arguments) {
  StoreArguments store;
  store.model = arguments.model;
  store.compression = arguments.compression;
  const absl::StatusOr<PayloadSizer> sizer = MakePayloadSizer(store, arguments.seed);
  if (!sizer.ok()) return sizer.status();
  return ChunkStream(*sizer, arguments.save_partial ? Chunking::kPartialTail : Chunking::kFull);
}

absl::StatusOr<EvictionPlan> MakePlan(const EvictionArguments& arguments) {
  const absl::StatusOr<TraceFormat> format = TraceFormatFromName(arguments.trace_format);
  if (!format.ok()) return InOption("--trace_format", format.status());
  const absl::StatusOr<ChunkStream> chunks = MakeChunkStream(arguments);
  if (!chunks.ok()) return chunks.status();
  absl::StatusOr<std::vector<std::string>> policies = ParsePolicies(arguments.policy);
  if (!policies.ok()) return InOption("--policy", policies.status());
  const uint64_t requests_max = arguments.requests == 0 ? std::numeric_limits<uint64_t>::max() : arguments.requests;
  EvictionPlan plan{.options = {.format = *format, .requests_max = requests_max, .ignore_size = arguments.ignore_size},
                    .chunks = *chunks,
                    .policies = *std::move(policies),
                    .capacities = {},
                    .fractions = {}};
  if (absl::Status status = PlanCapacities(arguments, &plan); !status.ok()) return status;
  if (absl::Status status = CheckOutputFiles({arguments.json, arguments.csv}, {arguments.trace}); !status.ok()) {
    return status;
  }
  return plan;
}

std::vector<uint64_t> CapacitiesFor(const EvictionPlan& plan, const CacheTrace& trace) {
  if (!plan.capacities.empty()) return plan.capacities;
  const WorkingSet set = WorkingSetOf(trace.requests);
  return CapacitiesOf(plan.fractions, plan.options.ignore_size ? set.objects : set.bytes);
}

std::vector<EvictionRun> RunsOf(const EvictionPlan& plan, const CacheTrace& trace) {
  const std::vector<uint64_t> capacities = CapacitiesFor(plan, trace);
  std::vector<EvictionRun> runs;
  for (const std::string& policy : plan.policies) {
    for (const uint64_t capacity : capacities) runs.push_back({policy, capacity, {}});
  }
  return runs;
}

void SimulateAll(const CacheTrace& trace, bool ignore_size, std::vector<EvictionRun>* runs) {
  ProgressBar bar(stderr, "eviction", "runs", runs->size());
  const size_t threads = std::max(1u, std::thread::hardware_concurrency());
  ParallelFor(
      runs->size(), threads,
      [&](size_t i) {
        EvictionRun& run = (*runs)[i];
        run.result = SimulateEviction(trace.requests, run.policy, run.capacity, ignore_size);
      },
      [&](size_t done) { bar.Update(done, absl::Now()); });
}

uint64_t BytesOf(const CacheTrace& trace) {
  return std::accumulate(trace.requests.begin(), trace.requests.end(), uint64_t{0},
                         [](uint64_t sum, const CacheRequest& request) { return sum + request.size; });
}

EvictionReport MakeReport(const EvictionArguments& arguments, const CacheTrace& trace, std::string sha256,
                          std::vector<EvictionRun> runs) {
  return {.trace = arguments.trace,
          .trace_sha256 = std::move(sha256),
          .trace_format = arguments.trace_format,
          .model = arguments.model,
          .compression = arguments.compression,
          .save_partial = arguments.save_partial,
          .seed = arguments.seed,
          .ignore_size = arguments.ignore_size,
          .commit = std::string(BuildCommit()),
          .skipped_requests = trace.skipped,
          .requested_bytes = BytesOf(trace),
          .runs = std::move(runs)};
}

absl::Status WriteReport(const EvictionArguments& arguments, const EvictionReport& report) {
  std::cout << FormatEvictionTable(report);
  if (report.skipped_requests > 0) {
    std::cerr << "slotwise: skipped requests for objects of 0 bytes, which --ignore_size counts: "
              << report.skipped_requests << "\n";
  }
  if (!arguments.json.empty()) {
    if (absl::Status status = WriteOutputFile(arguments.json, FormatEvictionJson(report)); !status.ok()) return status;
  }
  return arguments.csv.empty() ? absl::OkStatus() : WriteOutputFile(arguments.csv, FormatEvictionCsv(report));
}

}  // namespace

ExitCode RunEviction(const EvictionArguments& arguments) {
  const absl::StatusOr<EvictionPlan> plan = MakePlan(arguments);
  if (!plan.ok()) return Fail(plan.status());
  const absl::StatusOr<CacheTrace> trace = ReadCacheTrace(arguments.trace, plan->options, plan->chunks);
  if (!trace.ok()) return Fail(trace.status());
  absl::StatusOr<std::string> sha256 = Sha256OfFile(arguments.trace);
  if (!sha256.ok()) return Fail(sha256.status());
  std::vector<EvictionRun> runs = RunsOf(*plan, *trace);
  SimulateAll(*trace, arguments.ignore_size, &runs);
  const absl::Status written =
      WriteReport(arguments, MakeReport(arguments, *trace, *std::move(sha256), std::move(runs)));
  return written.ok() ? ExitCode::kDone : Fail(written, ExitCode::kFailed);
}

}  // namespace slotwise
