// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/comparison_report.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "nlohmann/json.hpp"
#include "tools/base/byte_size.h"
#include "tools/base/text_table.h"

namespace slotwise {
namespace {

// A phase, and the phase of the first peer that limits it.
struct PhaseName {
  std::string_view name;
  PhaseCost RoundCost::*cost;
  PhaseCost RoundCost::*limit;
};

constexpr PhaseName kPhases[] = {
    {.name = "put", .cost = &RoundCost::put, .limit = &RoundCost::put},
    {.name = "get", .cost = &RoundCost::get, .limit = &RoundCost::get},
    {.name = "cached_get", .cost = &RoundCost::cached_get, .limit = &RoundCost::get},
};

struct PhaseFigures {
  std::vector<double> mb_per_s;  // of each round
  std::vector<double> of_raw;
  std::vector<double> cpu_s_per_gib;
};

double Median(std::vector<double> values) {
  CHECK(!values.empty());
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

PhaseFigures FiguresOf(const PhaseName& phase, const ComparisonCell& cell, const PeerCosts& peer) {
  PhaseFigures figures;
  const auto bytes = static_cast<double>(cell.bytes);
  for (size_t round = 0; round < peer.rounds.size(); ++round) {
    const PhaseCost& cost = peer.rounds[round].*phase.cost;
    const PhaseCost& limit = cell.peers.front().rounds[round].*phase.limit;
    figures.mb_per_s.push_back(bytes / 1e6 / absl::ToDoubleSeconds(cost.elapsed));
    figures.of_raw.push_back(absl::FDivDuration(limit.elapsed, cost.elapsed));
    figures.cpu_s_per_gib.push_back(absl::ToDoubleSeconds(cost.cpu_time) / (bytes / (1 << 30)));
  }
  return figures;
}

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

std::string CellTable(const ComparisonCell& cell) {
  TextTable table;
  table.AddRow({absl::StrCat(FormatByteSize(cell.payload_bytes), ", ", cell.submitters,
                             cell.submitters == 1 ? " thread" : " threads"),
                "put MB/s", "of raw", "CPU s/GiB", "get MB/s", "of raw", "CPU s/GiB", "cached get", "of raw",
                "CPU s/GiB"});
  for (const PeerCosts& peer : cell.peers) {
    std::vector<std::string> row = {std::string(peer.peer.title)};
    for (const PhaseName& phase : kPhases) {
      const PhaseFigures figures = FiguresOf(phase, cell, peer);
      row.push_back(absl::StrFormat("%.0f", Median(figures.mb_per_s)));
      row.push_back(absl::StrFormat("%.2f", Median(figures.of_raw)));
      row.push_back(absl::StrFormat("%.2f", Median(figures.cpu_s_per_gib)));
    }
    table.AddRow(std::move(row));
  }
  return table.ToString();
}

nlohmann::json PeerJson(const ComparisonCell& cell, const PeerCosts& peer) {
  nlohmann::json json = {{"peer", std::string(peer.peer.name)}};
  for (const PhaseName& phase : kPhases) {
    const PhaseFigures figures = FiguresOf(phase, cell, peer);
    json[std::string(phase.name)] = {{"mb_per_s", Median(figures.mb_per_s)},
                                     {"of_raw", Median(figures.of_raw)},
                                     {"cpu_s_per_gib", Median(figures.cpu_s_per_gib)},
                                     {"mb_per_s_rounds", figures.mb_per_s}};
  }
  return json;
}

nlohmann::json CellJson(const ComparisonCell& cell) {
  nlohmann::json peers = nlohmann::json::array();
  for (const PeerCosts& peer : cell.peers) peers.push_back(PeerJson(cell, peer));
  return {
      {"payload_bytes", cell.payload_bytes}, {"submitters", cell.submitters}, {"bytes", cell.bytes}, {"peers", peers}};
}

}  // namespace

std::string FormatComparisonTable(const ComparisonOptions& options, std::span<const ComparisonCell> cells) {
  std::string text;
  for (const ComparisonCell& cell : cells) absl::StrAppend(&text, CellTable(cell), "\n");
  for (const PeerEntry& peer : options.peers) absl::StrAppend(&text, View(peer.title), ": ", View(peer.setup), "\n");
  absl::StrAppend(&text, "Medians of ", options.rounds, " rounds of ", FormatByteSize(options.data_bytes),
                  " in batches of ", FormatByteSize(options.batch_bytes), " for each thread; ", options.workers,
                  " workers for peers whose calls block.\n",
                  "put: until all is on the device. get: from the device; the page cache was dropped with "
                  "posix_fadvise, and mincore found it empty.\n",
                  "cached get: after all was read once, with the page cache for all but the raw device",
                  " and Slotwise. CPU: of the process; the kernel's writeback is not in it.\n");
  return text;
}

std::string FormatComparisonJson(const ComparisonOptions& options, std::span<const ComparisonCell> cells) {
  nlohmann::json json = {{"data_bytes", options.data_bytes},
                         {"batch_bytes", options.batch_bytes},
                         {"workers", options.workers},
                         {"rounds", options.rounds},
                         {"page_cache", "posix_fadvise, checked with mincore"},
                         {"cells", nlohmann::json::array()}};
  for (const ComparisonCell& cell : cells) json["cells"].push_back(CellJson(cell));
  return absl::StrCat(json.dump(2), "\n");
}

}  // namespace slotwise
