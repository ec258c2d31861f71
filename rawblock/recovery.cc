// SPDX-License-Identifier: Apache-2.0
#include "rawblock/recovery.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "rawblock/aligned_buffer.h"
#include "rawblock/checkpoint.h"
#include "rawblock/checksum.h"
#include "rawblock/format.h"
#include "rawblock/group.h"
#include "rawblock/metadata_io.h"
#include "rawblock/metadata_stream.h"
#include "rawblock/record.h"
#include "rawblock/superblock_io.h"

namespace slotwise {
namespace {

using format::CheckpointHeader;

// The smallest record of an entry.
constexpr uint64_t kPutBytesMin = sizeof(format::RecordHeader) + sizeof(format::ExtentRecord) + 1;

// Applies records to an index; rejects what no correct store can have written.
class Replayer {
 public:
  Replayer(const StoreHeader& header, Index* index) : header_(header), index_(index) {}

  // All records of a group, or false if one is invalid. What they will touch is
  // on its way to the cache while they are read.
  bool ApplyGroup(const Group& group) {
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

 private:
  bool Apply(const Record& record) {
    if (record.type == format::RecordType::kOpen) return true;
    if (record.type == format::RecordType::kRemove) {
      index_->EraseAt(record.checksum, record.placement.front().start());
      return true;
    }
    if (record.key.size() > header_.max_key_bytes || !FitsPayload(record)) return false;
    // A fuzzy checkpoint may show the old and the new owner of an entry at once.
    if (index_->size() >= 2 * header_.max_entries) return false;
    index_->InsertOrAssign(record.key, record.placement, record.payload_bytes, record.checksum);
    return true;
  }

  bool FitsPayload(const Record& record) const {
    for (const Extent& extent : record.placement) {
      if (extent.end().value() > header_.layout.data_blocks) return false;
    }
    return header_.layout.BlocksFor(record.payload_bytes) <= record.placement.blocks();
  }

  const StoreHeader& header_;
  Index* const index_;
  std::vector<Record> records_;
};

std::optional<CheckpointHeader> DecodeCheckpointHeader(const StoreHeader& header, size_t slot,
                                                       std::span<const std::byte> bytes) {
  CheckpointHeader in;
  std::memcpy(&in, bytes.data(), sizeof(in));
  const uint64_t checksum = MetadataChecksum(header.salt, bytes.first(offsetof(CheckpointHeader, checksum)));
  if (in.magic != format::kCheckpointHeaderMagic || in.checksum != checksum) return std::nullopt;
  if (in.start_lsn == 0 || CheckpointSlot(in.sequence) != slot) return std::nullopt;
  const uint32_t block_bytes = header.layout.block_bytes;
  if (in.chunk_bytes % block_bytes != 0 || in.journal_position % block_bytes != 0) return std::nullopt;
  if (in.chunk_bytes > header.layout.checkpoint_bytes - block_bytes) return std::nullopt;
  return in;
}

absl::StatusOr<CheckpointHeader> ReadNewestCheckpointHeader(Device* device, const StoreHeader& header) {
  std::optional<CheckpointHeader> newest;
  AlignedBuffer block(header.layout.block_bytes, header.layout.block_bytes);
  for (size_t slot = 0; slot < 2; ++slot) {
    absl::Status status = ReadBytes(device, header.layout.checkpoint_offset[slot], block.span());
    if (!status.ok()) return status;
    const std::optional<CheckpointHeader> found = DecodeCheckpointHeader(header, slot, block.span());
    if (found.has_value() && (!newest.has_value() || found->sequence > newest->sequence)) newest = found;
  }
  if (!newest.has_value()) return absl::DataLossError("no checkpoint is valid; the store's metadata is damaged");
  return *newest;
}

absl::Status ReplayCheckpoint(Device* device, const CheckpointHeader& checkpoint, RecoveredStore* store) {
  const StoreHeader& header = store->header;
  store->index->Reserve(std::min(header.max_entries, checkpoint.chunk_bytes / kPutBytesMin));
  Replayer replayer(header, store->index.get());
  MetadataStream stream(
      device, header.layout.checkpoint_offset[CheckpointSlot(checkpoint.sequence)] + header.layout.block_bytes,
      checkpoint.chunk_bytes);
  uint64_t records = 0;
  for (uint64_t chunk = 0; chunk < checkpoint.chunk_count; ++chunk) {
    const absl::StatusOr<std::span<const std::byte>> bytes = stream.Peek();
    if (!bytes.ok()) return bytes.status();
    const std::optional<Group> group = DecodeGroup(format::kCheckpointMagic, header.salt, *bytes);
    if (!group.has_value() || group->owner != checkpoint.sequence || group->sequence != chunk ||
        !replayer.ApplyGroup(*group)) {
      return absl::DataLossError(absl::StrCat("checkpoint ", checkpoint.sequence, ": chunk ", chunk, " of ",
                                              checkpoint.chunk_count, " is damaged"));
    }
    records += group->record_count;
    stream.Skip(std::min<uint64_t>(GroupBytes(group->records.size(), header.layout.block_bytes), bytes->size()));
  }
  if (records == checkpoint.record_count) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("checkpoint ", checkpoint.sequence, ": ", records, " records instead of ", checkpoint.record_count));
}

// Reads the whole ring once, from where replay starts round to there: applies
// the groups that follow one another, then looks for any that should have.
class JournalReader {
 public:
  JournalReader(Device* device, JournalPoint start, RecoveredStore* store)
      : device_(device),
        layout_(store->header.layout),
        salt_(store->header.salt),
        replayer_(store->header, store->index.get()),
        report_(&store->report),
        next_(start) {}

  absl::Status ReadAll() {
    const uint64_t start = next_.position;
    const uint64_t offset = start % layout_.journal_bytes;
    if (absl::Status status = ReadLap(start, layout_.journal_bytes - offset); !status.ok()) return status;
    if (absl::Status status = ReadLap(start - offset + layout_.journal_bytes, offset); !status.ok()) return status;
    if (latest_lsn_ <= next_.lsn) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat("journal: damaged at LSN ", next_.lsn.value(),
                                            ", with valid groups after it; acknowledged entries may be lost"));
  }

  JournalPoint next() const { return next_; }

 private:
  // The part of one lap that starts at `position`. A group never wraps.
  absl::Status ReadLap(uint64_t position, uint64_t bytes) {
    MetadataStream stream(device_, layout_.journal_offset + position % layout_.journal_bytes, bytes);
    bool following = true;
    for (uint64_t at = 0; at < bytes;) {
      const absl::StatusOr<std::span<const std::byte>> view = stream.Peek();
      if (!view.ok()) return view.status();
      uint64_t step = 0;
      if (following) {
        const absl::StatusOr<uint64_t> taken = TakeNext(position + at, *view);
        if (!taken.ok()) return taken.status();
        step = *taken;
        following = step > 0;
      }
      if (!following) {
        LookAt(*view);
        step = layout_.block_bytes;
      }
      stream.Skip(step);
      at += step;
    }
    return absl::OkStatus();
  }

  // Applies the group that comes next if it is here; its bytes, or 0.
  absl::StatusOr<uint64_t> TakeNext(uint64_t position, std::span<const std::byte> bytes) {
    if (GroupSequence(format::kJournalMagic, bytes) != next_.lsn.value()) return 0;
    const std::optional<Group> group = DecodeGroup(format::kJournalMagic, salt_, bytes);
    if (!group.has_value() || group->record_count == 0) {
      report_->journal_groups_cut = 1;
      return 0;
    }
    if (!replayer_.ApplyGroup(*group)) {
      return absl::DataLossError(absl::StrCat("journal: the group at LSN ", group->sequence, " holds a bad record"));
    }
    ++report_->journal_groups;
    report_->journal_records += group->record_count;
    const uint64_t group_bytes = GroupBytes(group->records.size(), layout_.block_bytes);
    next_ = {.position = position + group_bytes, .lsn = next_.lsn.Plus(group->record_count)};
    return group_bytes;
  }

  void LookAt(std::span<const std::byte> bytes) {
    const std::optional<uint64_t> sequence = GroupSequence(format::kJournalMagic, bytes);
    if (!sequence.has_value() || Lsn(*sequence) <= std::max(latest_lsn_, next_.lsn)) return;
    if (DecodeGroup(format::kJournalMagic, salt_, bytes).has_value()) latest_lsn_ = Lsn(*sequence);
  }

  Device* const device_;
  const Layout& layout_;
  const uint64_t salt_;
  Replayer replayer_;
  RecoveryReport* const report_;
  JournalPoint next_;
  Lsn latest_lsn_;  // of the valid groups that did not follow
};

absl::Status ReplayJournal(Device* device, const CheckpointHeader& checkpoint, RecoveredStore* store) {
  JournalReader reader(device, {.position = checkpoint.journal_position, .lsn = Lsn(checkpoint.start_lsn)}, store);
  if (absl::Status status = reader.ReadAll(); !status.ok()) return status;
  store->journal_next = reader.next();
  store->journal_tail = checkpoint.journal_position;
  return absl::OkStatus();
}

// Rebuilds the allocator from the live placements; entries that overlap others
// or that the engine cannot have placed are dropped.
void MarkAll(RecoveredStore* store) {
  for (EntryId id = 0; id < store->index->id_limit(); ++id) {
    const Entry& entry = store->index->entry(id);
    if (!entry.published || store->allocator->Mark(entry.placement())) continue;
    store->dropped.push_back({.key = std::string(entry.key()), .placement = entry.placement()});
    store->index->Unpublish(id);
    store->index->Erase(id);
  }
  store->report.entries_dropped = store->dropped.size();
}

// Renumbers the entries densely, when replay needed more ids than a store may
// have entries.
void Compact(RecoveredStore* store) {
  if (store->index->id_limit() <= store->header.max_entries) return;
  auto dense = std::make_unique<Index>(store->header.salt);
  for (EntryId id = 0; id < store->index->id_limit(); ++id) {
    const Entry& entry = store->index->entry(id);
    if (entry.published) dense->Insert(entry.key(), entry.placement(), entry.payload_bytes, entry.checksum);
  }
  store->index = std::move(dense);
}

}  // namespace

absl::StatusOr<RecoveredStore> Recover(Device* device) {
  RecoveredStore store;
  absl::StatusOr<StoreHeader> header = ReadStoreHeader(device, &store.report.superblock_copies_bad);
  if (!header.ok()) return header.status();
  store.header = *std::move(header);
  store.index = std::make_unique<Index>(store.header.salt);

  const absl::StatusOr<CheckpointHeader> checkpoint = ReadNewestCheckpointHeader(device, store.header);
  if (!checkpoint.ok()) return checkpoint.status();
  store.report.checkpoint_sequence = checkpoint->sequence;
  store.report.checkpoint_records = checkpoint->record_count;
  absl::Status status = ReplayCheckpoint(device, *checkpoint, &store);
  if (!status.ok()) return status;
  if (status = ReplayJournal(device, *checkpoint, &store); !status.ok()) return status;

  absl::StatusOr<std::unique_ptr<Allocator>> allocator =
      CreateAllocator(store.header.allocator, BlockCount(store.header.layout.data_blocks));
  if (!allocator.ok()) return allocator.status();
  store.allocator = *std::move(allocator);
  MarkAll(&store);
  Compact(&store);
  if (store.index->size() > store.header.max_entries) {
    return absl::DataLossError(absl::StrCat(store.index->size(), " entries recovered, but the store holds at most ",
                                            store.header.max_entries));
  }
  return store;
}

}  // namespace slotwise
