// SPDX-License-Identifier: Apache-2.0
#include "tools/stores/store_summary.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "tools/base/byte_size.h"
#include "tools/base/text_table.h"

namespace slotwise {
namespace {

void Add(const EntryView& entry, uint64_t occupied_bytes, StoreSummary::Bin* bin) {
  ++bin->payloads;
  bin->payload_bytes += entry.payload_bytes;
  bin->occupied_bytes += occupied_bytes;
}

// Counts what lies between `extents` and up to `end`.
void CountFreeRuns(std::vector<Extent> extents, BlockIndex end, uint64_t block_bytes, StoreSummary* summary) {
  std::sort(extents.begin(), extents.end());
  extents.emplace_back(end, BlockCount());
  BlockIndex from;
  for (const Extent& extent : extents) {
    const uint64_t bytes = (extent.start() - from).value() * block_bytes;
    from = extent.end();
    if (bytes == 0) continue;
    ++summary->free_runs;
    summary->free_bytes += bytes;
    summary->free_run_bytes_max = std::max(summary->free_run_bytes_max, bytes);
  }
}

std::string Table(const char* title, const std::map<uint64_t, StoreSummary::Bin>& bins, bool in_bytes) {
  if (bins.empty()) return "";
  TextTable table;
  table.AddRow({title, "payloads", "payload bytes", "occupied"});
  for (const auto& [from, bin] : bins) {
    table.AddRow({in_bytes ? FormatByteSize(from) : absl::StrCat(from), absl::StrCat(bin.payloads),
                  FormatByteSize(bin.payload_bytes), FormatByteSize(bin.occupied_bytes)});
  }
  return absl::StrCat("\n", table.ToString());
}

nlohmann::ordered_json BinsJson(const char* name, const std::map<uint64_t, StoreSummary::Bin>& bins) {
  auto json = nlohmann::ordered_json::array();
  for (const auto& [from, bin] : bins) {
    json.push_back({{name, from},
                    {"payloads", bin.payloads},
                    {"payload_bytes", bin.payload_bytes},
                    {"occupied_bytes", bin.occupied_bytes}});
  }
  return json;
}

}  // namespace

double StoreSummary::fragmentation() const {
  if (free_bytes == 0) return 0;
  return 1 - static_cast<double>(free_run_bytes_max) / static_cast<double>(free_bytes);
}

StoreSummary SummarizeStore(const RawBlockCore& core) {
  StoreSummary summary;
  const uint64_t block_bytes = core.header().layout.block_bytes;
  const bool has_classes = core.header().allocator.engine != AllocatorOptions::Engine::kExtent;
  std::vector<Extent> extents;
  core.ForEach([&](const EntryView& entry) {
    const uint64_t occupied_bytes = entry.placement.blocks().value() * block_bytes;
    extents.insert(extents.end(), entry.placement.begin(), entry.placement.end());
    Add(entry, occupied_bytes, &summary.by_size[std::bit_floor(entry.payload_bytes)]);
    Add(entry, occupied_bytes, &summary.by_pieces[entry.placement.size()]);
    if (has_classes) Add(entry, occupied_bytes, &summary.by_class[occupied_bytes]);
  });
  CountFreeRuns(std::move(extents), BlockIndex(core.header().layout.data_blocks), block_bytes, &summary);
  return summary;
}

std::string DescribeSummary(const StoreSummary& summary) {
  return absl::StrCat(
      absl::StrFormat("%-12s %d runs, the largest %s; fragmentation %.1f %%\n", "free runs", summary.free_runs,
                      FormatByteSize(summary.free_run_bytes_max), 100 * summary.fragmentation()),
      Table("payloads from", summary.by_size, /*in_bytes=*/true),
      Table("slots of", summary.by_class, /*in_bytes=*/true), Table("pieces", summary.by_pieces, /*in_bytes=*/false));
}

nlohmann::ordered_json SummaryJson(const StoreSummary& summary) {
  return {{"free_bytes", summary.free_bytes},
          {"free_runs", summary.free_runs},
          {"free_run_bytes_max", summary.free_run_bytes_max},
          {"fragmentation", summary.fragmentation()},
          {"by_size", BinsJson("bytes_from", summary.by_size)},
          {"by_class", BinsJson("slot_bytes", summary.by_class)},
          {"by_pieces", BinsJson("pieces", summary.by_pieces)}};
}

}  // namespace slotwise
