// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/eviction_report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "nlohmann/json.hpp"
#include "tools/base/text_table.h"

namespace slotwise {
namespace {

using Json = nlohmann::ordered_json;

double Ratio(uint64_t part, uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

double MissRatio(const EvictionRun& run) { return Ratio(run.result.misses, run.result.requests); }

double ByteMissRatio(const EvictionReport& report, const EvictionRun& run) {
  return Ratio(run.result.missed_bytes, report.requested_bytes);
}

Json RunJson(const EvictionReport& report, const EvictionRun& run) {
  return {
      {"policy", run.policy},
      {"capacity", run.capacity},
      {"requests", run.result.requests},
      {"misses", run.result.misses},
      {"missed_bytes", run.result.missed_bytes},
      {"miss_ratio", MissRatio(run)},
      {"byte_miss_ratio", ByteMissRatio(report, run)},
  };
}

std::string Percent(double ratio) { return absl::StrFormat("%.2f %%", 100 * ratio); }

}  // namespace

std::string FormatEvictionJson(const EvictionReport& report) {
  Json runs = Json::array();
  for (const EvictionRun& run : report.runs) runs.push_back(RunJson(report, run));
  const Json json = {
      {"trace", report.trace},
      {"trace_sha256", report.trace_sha256},
      {"trace_format", report.trace_format},
      {"model", report.model},
      {"compression", report.compression},
      {"save_partial", report.save_partial},
      {"seed", report.seed},
      {"ignore_size", report.ignore_size},
      {"commit", report.commit},
      {"skipped_requests", report.skipped_requests},
      {"requested_bytes", report.requested_bytes},
      {"runs", runs},
  };
  return json.dump(/*indent=*/2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

std::string FormatEvictionCsv(const EvictionReport& report) {
  std::string text = "policy,capacity,requests,misses,missed_bytes,miss_ratio,byte_miss_ratio\n";
  for (const EvictionRun& run : report.runs) {
    absl::StrAppendFormat(&text, "%s,%d,%d,%d,%d,%.9f,%.9f\n", run.policy, run.capacity, run.result.requests,
                          run.result.misses, run.result.missed_bytes, MissRatio(run), ByteMissRatio(report, run));
  }
  return text;
}

std::string FormatEvictionTable(const EvictionReport& report) {
  TextTable table;
  table.AddRow({"policy", report.ignore_size ? "capacity (objects)" : "capacity (bytes)", "requests", "misses",
                "miss ratio", "missed bytes", "byte miss ratio"});
  for (const EvictionRun& run : report.runs) {
    table.AddRow({run.policy, absl::StrCat(run.capacity), absl::StrCat(run.result.requests),
                  absl::StrCat(run.result.misses), Percent(MissRatio(run)), absl::StrCat(run.result.missed_bytes),
                  Percent(ByteMissRatio(report, run))});
  }
  return table.ToString();
}

}  // namespace slotwise
