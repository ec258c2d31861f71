// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/replayer.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>

#include "rawblock/disk/format.h"

namespace slotwise {

// Decodes all records before it applies the first, so that the lines of the
// index that they will touch are on their way to the cache meanwhile.
bool Replayer::ApplyGroup(const Group& group) {
  std::span<const std::byte> bytes = group.records;
  records_.clear();
  for (uint32_t i = 0; i < group.record_count; ++i) {
    const std::optional<Record> record = TakeRecord(&bytes);
    if (!record.has_value()) return false;
    index_->Prefetch(record->type == format::RecordType::kPut ? index_->HashOf(record->key) : record->checksum);
    records_.push_back(*record);
  }
  return bytes.empty() && std::ranges::all_of(records_, [this](const Record& record) { return Apply(record); });
}

bool Replayer::Apply(const Record& record) {
  if (record.type == format::RecordType::kOpen) return true;
  if (record.type == format::RecordType::kRemove) {
    // An entry that is not there was removed before the checkpoint passed it.
    index_->EraseAt(record.checksum, record.placement.front().start());
    return true;
  }
  if (record.type == format::RecordType::kBad) {
    if (!InBounds(record.placement)) return false;
    index_->AddBad(record.placement);
    return true;
  }
  if (record.key.size() > header_.max_key_bytes || !FitsPayload(record)) return false;
  // A fuzzy checkpoint may show the old and the new owner of an entry at once.
  if (index_->size() >= 2 * header_.max_entries) return false;
  index_->InsertOrAssign(record.key, record.placement, record.payload_bytes, record.checksum);
  return true;
}

bool Replayer::InBounds(const Placement& placement) const {
  return std::ranges::all_of(
      placement, [this](const Extent& extent) { return extent.end().value() <= header_.layout.data_blocks; });
}

bool Replayer::FitsPayload(const Record& record) const {
  return InBounds(record.placement) && header_.layout.BlocksFor(record.payload_bytes) <= record.placement.blocks();
}

}  // namespace slotwise
