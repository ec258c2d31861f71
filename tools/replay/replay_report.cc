// SPDX-License-Identifier: Apache-2.0
#include "tools/replay/replay_report.h"

#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "glog/logging.h"
#include "nlohmann/json.hpp"
#include "tools/base/byte_size.h"
#include "tools/base/text_table.h"

namespace slotwise {
namespace {

using Json = nlohmann::ordered_json;

double Ratio(double numerator, double denominator) { return denominator > 0 ? numerator / denominator : 0; }

double PerPut(uint64_t amount, const ReplayResult& result) {
  return Ratio(static_cast<double>(amount), static_cast<double>(result.puts - result.refused_puts));
}

double TokenHitRatio(const ReplayResult& result) {
  return Ratio(static_cast<double>(result.prompt_tokens_hit), static_cast<double>(result.prompt_tokens));
}

double ByteHitRatio(const ReplayResult& result) {
  return Ratio(static_cast<double>(result.prompt_bytes_hit), static_cast<double>(result.prompt_bytes));
}

double GibPerSecond(uint64_t bytes, double seconds) { return Ratio(static_cast<double>(bytes) / (1 << 30), seconds); }

Json ConfigJson(const ReplayConfig& config) {
  return {
      {"allocator", config.allocator},
      {"policy", config.policy},
      {"durability", config.durability},
      {"model", config.model},
      {"scale", config.scale},
      {"compression", config.compression},
      {"save_partial", config.save_partial},
      {"queue_depth", config.queue_depth},
      {"buffered", config.buffered},
      {"device", config.device},
      {"capacity_bytes", config.capacity_bytes},
      {"data_bytes", config.data_bytes},
      {"block_bytes", config.block_bytes},
      {"max_entries", config.max_entries},
      {"trace", config.trace},
  };
}

Json RunJson(const ReplayRun& run) {
  const ReplayResult& result = run.result;
  return {
      {"requests", result.requests},
      {"gets", result.gets},
      {"hits", result.hits},
      {"prefix_token_hit_ratio", TokenHitRatio(result)},
      {"byte_hit_ratio", ByteHitRatio(result)},
      {"puts", result.puts},
      {"refused_puts", result.refused_puts},
      {"evictions", result.evictions},
      {"evictions_per_put", PerPut(result.evictions, result)},
      {"wrong_bytes", result.wrong_bytes},
      {"checksum_failures", result.checksum_failures},
      {"utilisation_mean", result.utilisation_mean},
      {"utilisation_min", result.utilisation_min},
      {"internal_waste_ratio", result.internal_waste_ratio},
      {"external_free_ratio", result.external_free_ratio},
      {"read_gib_per_s", GibPerSecond(result.bytes_got, result.get_seconds)},
      {"write_gib_per_s", GibPerSecond(result.bytes_put, result.put_seconds)},
      {"get_p50_us", result.get_p50_us},
      {"get_p99_us", result.get_p99_us},
      {"put_p50_us", result.put_p50_us},
      {"put_p99_us", result.put_p99_us},
      {"metadata_bytes_per_put", PerPut(result.metadata_bytes_written, result)},
      {"device_bytes_written", result.device_bytes_written},
      {"trace_sha256", run.config.trace_sha256},
      {"seed", run.config.seed},
      {"config", ConfigJson(run.config)},
  };
}

std::string Percent(double ratio) { return absl::StrFormat("%.2f %%", 100 * ratio); }
std::string Count(uint64_t count) { return absl::StrCat(count); }
std::string Fixed(double value) { return absl::StrFormat("%.2f", value); }
std::string Whole(double value) { return absl::StrFormat("%.0f", value); }

using R = ReplayResult;

struct Row {
  const char* name;
  std::string (*cell)(const R&);
};

constexpr Row kRows[] = {
    {"requests", [](const R& r) { return Count(r.requests); }},
    {"gets", [](const R& r) { return Count(r.gets); }},
    {"hits", [](const R& r) { return Count(r.hits); }},
    {"prefix tokens hit", [](const R& r) { return Percent(TokenHitRatio(r)); }},
    {"bytes hit", [](const R& r) { return Percent(ByteHitRatio(r)); }},
    {"puts", [](const R& r) { return Count(r.puts); }},
    {"refused puts", [](const R& r) { return Count(r.refused_puts); }},
    {"evictions per put", [](const R& r) { return Fixed(PerPut(r.evictions, r)); }},
    {"wrong bytes", [](const R& r) { return Count(r.wrong_bytes); }},
    {"checksum failures", [](const R& r) { return Count(r.checksum_failures); }},
    {"utilisation, mean", [](const R& r) { return Percent(r.utilisation_mean); }},
    {"utilisation, min", [](const R& r) { return Percent(r.utilisation_min); }},
    {"internal waste", [](const R& r) { return Percent(r.internal_waste_ratio); }},
    {"external free", [](const R& r) { return Percent(r.external_free_ratio); }},
    {"read GiB/s", [](const R& r) { return Fixed(GibPerSecond(r.bytes_got, r.get_seconds)); }},
    {"write GiB/s", [](const R& r) { return Fixed(GibPerSecond(r.bytes_put, r.put_seconds)); }},
    {"get p50 us", [](const R& r) { return Whole(r.get_p50_us); }},
    {"get p99 us", [](const R& r) { return Whole(r.get_p99_us); }},
    {"put p50 us", [](const R& r) { return Whole(r.put_p50_us); }},
    {"put p99 us", [](const R& r) { return Whole(r.put_p99_us); }},
    {"metadata bytes per put", [](const R& r) { return Whole(PerPut(r.metadata_bytes_written, r)); }},
    {"device bytes written", [](const R& r) { return FormatByteSize(r.device_bytes_written); }},
};

}  // namespace

std::string FormatReplayJson(std::span<const ReplayRun> runs) {
  Json list = Json::array();
  for (const ReplayRun& run : runs) list.push_back(RunJson(run));
  const Json report = {{"runs", list}};
  return report.dump(/*indent=*/2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

std::string FormatReplayTable(std::span<const ReplayRun> runs) {
  CHECK(!runs.empty());
  TextTable table;
  std::vector<std::string> heads = {""};
  for (const ReplayRun& run : runs) heads.push_back(run.config.allocator);
  table.AddRow(heads);
  for (const auto& [name, cell] : kRows) {
    std::vector<std::string> cells = {name};
    for (const ReplayRun& run : runs) cells.push_back(cell(run.result));
    table.AddRow(cells);
  }
  return table.ToString();
}

}  // namespace slotwise
