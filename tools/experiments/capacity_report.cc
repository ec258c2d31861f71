// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/capacity_report.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "nlohmann/json.hpp"
#include "tools/base/text_table.h"

namespace slotwise {
namespace {

using Json = nlohmann::ordered_json;

double Ratio(double numerator, double denominator) { return denominator > 0 ? numerator / denominator : 0; }

double Ratio(uint64_t numerator, uint64_t denominator) {
  return Ratio(static_cast<double>(numerator), static_cast<double>(denominator));
}

Json DistributionJson(const Distribution& distribution) {
  return {{"mean", distribution.mean},
          {"p50", distribution.p50},
          {"p99", distribution.p99},
          {"p999", distribution.p999},
          {"max", distribution.max}};
}

Json SlicesJson(const CapacityResult& result) {
  Json slices = Json::array();
  for (const OccupancySlice& slice : result.slices) {
    slices.push_back({{"utilisation", slice.utilisation},
                      {"internal_waste", slice.internal_waste},
                      {"external_free", slice.external_free},
                      {"refused", slice.refused},
                      {"evictions", slice.evictions}});
  }
  return slices;
}

Json TailAgesJson(const CapacityResult& result) {
  Json ages = Json::array();
  for (const SizeClassAges& age : result.tail_ages) {
    ages.push_back({{"bytes", age.bytes}, {"evictions", age.evictions}, {"tail_age_s", age.tail_age_s}});
  }
  return ages;
}

void AddResult(const CapacityResult& result, Json* run) {
  run->update({
      {"capacity_bytes", result.capacity_bytes},
      {"requests", result.requests},
      {"utilisation_mean", result.utilisation_mean},
      {"utilisation_min", result.utilisation_min},
      {"object_hit_ratio", ObjectHitRatio(result)},
      {"byte_hit_ratio", ByteHitRatio(result)},
      {"prefix_token_hit_ratio", TokenHitRatio(result)},
      {"allocations", result.allocations},
      {"refused", result.refused()},
      {"refused_too_large", result.refused_too_large},
      {"refused_no_room", result.refused_no_room},
      {"internal_waste_ratio", result.internal_waste_mean},
      {"external_free_ratio", result.external_free_mean},
      {"largest_free_run_ratio", result.largest_free_run},
      {"extents_per_payload", result.extents_per_payload},
      {"evictions", result.evictions},
      {"evictions_ahead", result.evictions_ahead},
      {"evicted_bytes", result.evicted_bytes},
      {"evictions_per_allocation", Ratio(result.evictions, result.allocations)},
      {"evictions_for_one_allocation", DistributionJson(result.evictions_per_allocation)},
      {"evicted_bytes_per_allocated_byte", DistributionJson(result.evicted_per_allocated_byte)},
      {"reclaimed_bytes_per_allocated_byte", DistributionJson(result.reclaimed_per_allocated_byte)},
      {"rebinds", result.rebinds},
      {"entries", result.entries},
      {"orphans", result.orphans},
      {"tail_ages", TailAgesJson(result)},
      {"slices", SlicesJson(result)},
  });
}

Json RunJson(const CapacityRun& run) {
  Json json = {{"sweep", SweepName(run.sweep)},
               {"scenario", run.scenario},
               {"capacity_fraction", run.capacity_fraction},
               {"engine", run.engine},
               {"default", run.is_default}};
  if (run.unsuited.empty()) {
    AddResult(run.result, &json);
  } else {
    json["unsuited"] = run.unsuited;
  }
  return json;
}

Json ScenariosJson(const CapacityReport& report) {
  Json list = Json::array();
  for (const ScenarioSummary& scenario : report.scenarios) {
    Json sizes = Json::array();
    for (const SizeBucket& bucket : scenario.sizes) {
      sizes.push_back({{"bytes", bucket.bytes}, {"objects", bucket.objects}});
    }
    list.push_back({{"name", scenario.name},
                    {"objects", scenario.objects},
                    {"working_set_bytes", scenario.working_set_bytes},
                    {"sizes", sizes}});
  }
  return list;
}

Json PoliciesJson(const CapacityReport& report) {
  Json list = Json::array();
  for (const PolicyRun& run : report.policies) {
    list.push_back({{"scenario", run.scenario},
                    {"capacity_fraction", run.capacity_fraction},
                    {"policy", run.policy},
                    {"requests", run.requests},
                    {"misses", run.misses}});
  }
  return list;
}

Json GainsJson(const CapacityReport& report) {
  Json list = Json::array();
  for (const CapacityGain& gain : report.gains) {
    list.push_back({{"scenario", gain.scenario},
                    {"capacity_fraction", gain.capacity_fraction},
                    {"uncompressed_slot", gain.uncompressed_slot},
                    {"gain", gain.gain}});
  }
  return list;
}

std::string Percent(double ratio) { return absl::StrFormat("%.2f %%", 100 * ratio); }

std::vector<std::string> EngineCells(const CapacityRun& run) {
  std::vector<std::string> cells = {run.scenario, absl::StrFormat("%g %%", 100 * run.capacity_fraction),
                                    absl::StrCat(run.engine, run.is_default ? " (default)" : "")};
  const CapacityResult& result = run.result;
  const std::array values = {Percent(TokenHitRatio(result)),
                             Percent(ObjectHitRatio(result)),
                             Percent(result.utilisation_mean),
                             Percent(result.utilisation_min),
                             Percent(result.internal_waste_mean),
                             Percent(result.external_free_mean),
                             absl::StrCat(result.refused()),
                             absl::StrFormat("%.2f", result.evicted_per_allocated_byte.p999),
                             absl::StrFormat("%.2f", result.evicted_per_allocated_byte.max),
                             absl::StrFormat("%.2f", result.reclaimed_per_allocated_byte.max)};
  for (const std::string& value : values) cells.push_back(run.unsuited.empty() ? value : "unsuited");
  return cells;
}

std::string GainTable(const CapacityReport& report) {
  TextTable table;
  table.AddRow({"scenario", "capacity", "fixed slot of the largest", "times the capacity for equal hits"});
  for (const CapacityGain& gain : report.gains) {
    table.AddRow({gain.scenario, absl::StrFormat("%g %%", 100 * gain.capacity_fraction),
                  gain.uncompressed_slot ? "uncompressed payload" : "payload", absl::StrFormat("%.2f", gain.gain)});
  }
  return table.ToString();
}

// Every scalar of a run's JSON, as a cell.
std::string CsvLine(const Json& run, const std::vector<std::string>& names) {
  return absl::StrJoin(names, ",", [&](std::string* out, const std::string& name) {
    const auto found = run.find(name);
    if (found == run.end()) return;
    const std::string text = found->is_string() ? found->get<std::string>() : found->dump();
    absl::StrAppend(out, "\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
  });
}

}  // namespace

std::string SweepName(Sweep sweep) {
  switch (sweep) {
    case Sweep::kEngines:
      return "engines";
    case Sweep::kCapacities:
      return "capacities";
    case Sweep::kClasses:
      return "classes";
    case Sweep::kShare:
      return "share";
    case Sweep::kReservation:
      return "reservation";
    case Sweep::kSegments:
      return "segments";
    case Sweep::kScatter:
      return "scatter";
  }
  return "unknown";
}

double TokenHitRatio(const CapacityResult& result) { return Ratio(result.prompt_tokens_hit, result.prompt_tokens); }
double ObjectHitRatio(const CapacityResult& result) { return Ratio(result.objects_hit, result.objects_wanted); }
double ByteHitRatio(const CapacityResult& result) { return Ratio(result.bytes_hit, result.bytes_wanted); }

std::string FormatCapacityTable(const CapacityReport& report) {
  TextTable table;
  table.AddRow({"scenario", "capacity", "engine", "prefix tokens hit", "objects hit", "utilisation", "at worst",
                "internal waste", "external free", "refused", "evicted/size p99.9", "at worst", "and ahead"});
  for (const CapacityRun& run : report.runs) {
    if (run.sweep == Sweep::kEngines) table.AddRow(EngineCells(run));
  }
  return absl::StrCat(table.ToString(), "\n", GainTable(report));
}

std::string FormatCapacityJson(const CapacityReport& report) {
  Json runs = Json::array();
  for (const CapacityRun& run : report.runs) runs.push_back(RunJson(run));
  const Json json = {{"trace", report.trace},
                     {"trace_sha256", report.trace_sha256},
                     {"requests", report.requests},
                     {"seed", report.seed},
                     {"commit", report.commit},
                     {"policy", report.policy},
                     {"free_low", report.free_low},
                     {"free_high", report.free_high},
                     {"scenarios", ScenariosJson(report)},
                     {"runs", runs},
                     {"policies", PoliciesJson(report)},
                     {"gains", GainsJson(report)}};
  return json.dump(/*indent=*/1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

std::string FormatCapacityCsv(const CapacityReport& report) {
  CapacityRun example;
  const Json json = RunJson(example);
  std::vector<std::string> names;
  for (const auto& [name, value] : json.items()) {
    if (!value.is_structured()) names.push_back(name);
  }
  names.emplace_back("unsuited");
  std::string csv = absl::StrCat(absl::StrJoin(names, ","), "\n");
  for (const CapacityRun& run : report.runs) absl::StrAppend(&csv, CsvLine(RunJson(run), names), "\n");
  return csv;
}

}  // namespace slotwise
