// SPDX-License-Identifier: Apache-2.0
#include "tools/stores/store_description.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "rawblock/disk/layout.h"
#include "tools/base/byte_size.h"
#include "tools/stores/allocator_description.h"

namespace slotwise {
namespace {

std::string Line(absl::string_view name, absl::string_view value) { return absl::StrFormat("%-12s %s\n", name, value); }

std::string Region(uint64_t offset, uint64_t bytes) {
  return absl::StrCat(FormatByteSize(bytes), " at ", FormatByteSize(offset));
}

// "1.5 GiB (12.5 %)", of a whole of `blocks_all`.
std::string Share(uint64_t bytes, const Occupancy& occupancy) {
  const double all = static_cast<double>(occupancy.capacity_blocks) * occupancy.block_bytes;
  return absl::StrFormat("%s (%.1f %%)", FormatByteSize(bytes), 100 * static_cast<double>(bytes) / all);
}

}  // namespace

std::string DescribeStore(const std::string& path, const StoreHeader& header) {
  const Layout& layout = header.layout;
  const absl::Time created = absl::FromUnixSeconds(static_cast<int64_t>(header.created_unix_seconds));
  return absl::StrCat(
      Line("device", path), Line("uuid", UuidString(header.uuid)),
      Line("created", absl::FormatTime(absl::RFC3339_sec, created, absl::UTCTimeZone())),
      Line("allocator", DescribeAllocator(header.allocator, layout.block_bytes)),
      Line("capacity", FormatByteSize(layout.device_bytes)), Line("block", FormatByteSize(layout.block_bytes)),
      Line("journal", Region(layout.journal_offset, layout.journal_bytes)),
      Line("checkpoints", absl::StrCat("2 of ", Region(layout.checkpoint_offset[0], layout.checkpoint_bytes))),
      Line("data", Region(layout.data_offset, layout.data_blocks * layout.block_bytes)),
      Line("limits", absl::StrCat(header.max_entries, " entries, keys of ", header.max_key_bytes, " bytes")));
}

std::string DescribeIo(const std::string& engine, const std::string& buffers) {
  return absl::StrCat(Line("io", engine), Line("buffers", buffers));
}

std::string DescribeOccupancy(const Occupancy& occupancy) {
  const uint64_t occupied_bytes = occupancy.payload_blocks * occupancy.block_bytes;
  return absl::StrCat(
      Line("entries", absl::StrCat(occupancy.entries, " of ", occupancy.entries_max)),
      Line("payload", Share(occupancy.payload_bytes, occupancy)),
      Line("waste", Share(occupied_bytes - occupancy.payload_bytes, occupancy)),
      Line("free", Share((occupancy.free_blocks + occupancy.awaiting_free_blocks) * occupancy.block_bytes, occupancy)),
      occupancy.bad_blocks == 0 ? "" : Line("bad", Share(occupancy.bad_blocks * occupancy.block_bytes, occupancy)));
}

}  // namespace slotwise
