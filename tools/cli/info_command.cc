// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/info_command.h"

#include <iostream>
#include <memory>

#include "absl/status/statusor.h"
#include "allocator/allocator_options.h"
#include "nlohmann/json.hpp"
#include "rawblock/core/raw_block_core.h"
#include "tools/stores/read_only_store.h"
#include "tools/stores/store_description.h"
#include "tools/stores/store_summary.h"

namespace slotwise {
namespace {

std::string FormatText(const std::string& device, ReadOnlyStore* store) {
  const RawBlockCore& core = store->core();
  return DescribeStore(device, core.header()) + DescribeIo(store->engine(), store->buffers()) +
         DescribeOccupancy(core.occupancy()) + DescribeSummary(SummarizeStore(core));
}

std::string FormatJson(const std::string& device, ReadOnlyStore* store) {
  const RawBlockCore& core = store->core();
  const StoreHeader& header = core.header();
  const Occupancy occupancy = core.occupancy();
  nlohmann::ordered_json json = {
      {"device", device},
      {"uuid", UuidString(header.uuid)},
      {"created_unix_seconds", header.created_unix_seconds},
      {"allocator", EngineName(header.allocator.engine)},
      {"device_bytes", header.layout.device_bytes},
      {"block_bytes", header.layout.block_bytes},
      {"journal_bytes", header.layout.journal_bytes},
      {"checkpoint_bytes", header.layout.checkpoint_bytes},
      {"data_bytes", header.layout.data_blocks * header.layout.block_bytes},
      {"max_key_bytes", header.max_key_bytes},
      {"entries", occupancy.entries},
      {"max_entries", occupancy.entries_max},
      {"payload_bytes", occupancy.payload_bytes},
      {"occupied_bytes", occupancy.payload_blocks * occupancy.block_bytes},
  };
  json.update(SummaryJson(SummarizeStore(core)));
  return json.dump(/*indent=*/2, ' ', /*ensure_ascii=*/false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

ExitCode RunInfo(const InfoArguments& arguments) {
  const absl::StatusOr<std::unique_ptr<ReadOnlyStore>> store =
      ReadOnlyStore::Open(arguments.device, arguments.buffered);
  if (!store.ok()) return Fail(store.status());
  std::cout << (arguments.json ? FormatJson(arguments.device, store->get())
                               : FormatText(arguments.device, store->get()));
  return ExitCode::kDone;
}

}  // namespace slotwise
