// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/layout.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rawblock/disk/format.h"

namespace slotwise {
namespace {

// A journal of this many times the live records makes a checkpoint a small part
// of what is written; see docs/decisions.
constexpr uint64_t kJournalPerCheckpoint = 2;
constexpr uint64_t kJournalBytesMin = 2 << 20;
constexpr uint64_t kDataAlignment = 64 << 10;
// Of the places where writes fail: kBadPlacementsMax of them.
constexpr uint64_t kBadChunks = 1;
static_assert(kBadPlacementsMax * format::kRecordBytesFixedMax <= kBadChunks * format::kGroupBytesMax / 2);

uint64_t RoundUp(uint64_t value, uint64_t unit) { return (value + unit - 1) / unit * unit; }

uint64_t JournalBytes(uint64_t checkpoint_bytes) {
  return std::clamp(RoundUp(checkpoint_bytes * kJournalPerCheckpoint, format::kBlockBytesMax), kJournalBytesMin,
                    format::kJournalBytesMax);
}

absl::Status Damaged(absl::string_view what) { return absl::DataLossError(absl::StrCat("superblock: ", what)); }

bool Aligned(uint64_t value, const Layout& layout) { return value % layout.block_bytes == 0; }

// Whether [offset, offset + bytes) lies inside [from, to).
bool Inside(uint64_t offset, uint64_t bytes, uint64_t from, uint64_t to) {
  return offset >= from && offset <= to && bytes <= to - offset;
}

}  // namespace

uint64_t CheckpointChunkBytes(uint64_t max_entries, uint32_t max_key_bytes, uint32_t block_bytes) {
  const uint64_t record_bytes_max = format::kRecordBytesFixedMax + max_key_bytes;
  const uint64_t records_per_chunk =
      (format::kGroupBytesMax - sizeof(format::GroupHeader) - block_bytes) / record_bytes_max;
  return (max_entries / records_per_chunk + 1) * format::kGroupBytesMax;
}

uint64_t CheckpointSlotBytes(uint64_t max_entries, uint32_t max_key_bytes, uint32_t block_bytes) {
  const uint64_t chunk_bytes = CheckpointChunkBytes(max_entries, max_key_bytes, block_bytes);
  return block_bytes + kBadChunks * format::kGroupBytesMax + chunk_bytes + block_bytes;
}

absl::StatusOr<Layout> ComputeLayout(const LayoutOptions& options) {
  Layout layout;
  layout.block_bytes = options.block_bytes;
  layout.checkpoint_bytes = CheckpointSlotBytes(options.max_entries, options.max_key_bytes, options.block_bytes);
  layout.journal_offset = format::kSuperblockRegion;
  layout.journal_bytes = JournalBytes(layout.checkpoint_bytes);
  layout.checkpoint_offset[0] = layout.journal_offset + layout.journal_bytes;
  layout.checkpoint_offset[1] = layout.checkpoint_offset[0] + layout.checkpoint_bytes;
  layout.data_offset = RoundUp(layout.checkpoint_offset[1] + layout.checkpoint_bytes, kDataAlignment);
  if (options.device_bytes < layout.data_offset + options.block_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("capacity of ", options.device_bytes, " bytes is too small: ", options.max_entries,
                     " entries need ", layout.data_offset, " bytes of metadata and at least one block of data"));
  }
  layout.data_blocks = std::min((options.device_bytes - layout.data_offset) / options.block_bytes, kMaxSpace.value());
  layout.device_bytes = layout.data_offset + layout.data_blocks * options.block_bytes;
  return layout;
}

absl::Status ValidateLayout(const Layout& layout, uint64_t max_entries, uint32_t max_key_bytes) {
  if (max_entries == 0 || max_entries > kMaxSpace.value()) return Damaged("entry limit out of range");
  const uint64_t slot_bytes = layout.checkpoint_bytes;
  if (slot_bytes < CheckpointSlotBytes(max_entries, max_key_bytes, layout.block_bytes)) {
    return Damaged("checkpoint slot too small for its entries");
  }
  if (layout.journal_bytes < kJournalBytesMin || layout.journal_bytes > format::kJournalBytesMax) {
    return Damaged("journal size out of range");
  }
  if (!Aligned(layout.journal_offset, layout) || !Aligned(layout.journal_bytes, layout) ||
      !Aligned(layout.checkpoint_offset[0], layout) || !Aligned(layout.checkpoint_offset[1], layout) ||
      !Aligned(slot_bytes, layout) || !Aligned(layout.data_offset, layout)) {
    return Damaged("a region is not aligned");
  }
  if (!Inside(layout.journal_offset, layout.journal_bytes, format::kSuperblockRegion, layout.checkpoint_offset[0]) ||
      !Inside(layout.checkpoint_offset[0], slot_bytes, 0, layout.checkpoint_offset[1]) ||
      !Inside(layout.checkpoint_offset[1], slot_bytes, 0, layout.data_offset)) {
    return Damaged("regions overlap or are out of order");
  }
  if (layout.data_blocks == 0 || layout.data_blocks > kMaxSpace.value() ||
      !Inside(layout.data_offset, layout.data_blocks * layout.block_bytes, 0, layout.device_bytes)) {
    return Damaged("data region out of bounds");
  }
  return absl::OkStatus();
}

}  // namespace slotwise
