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
#include "rawblock/record.h"
#include "rawblock/superblock_io.h"

namespace slotwise {
namespace {

using format::CheckpointHeader;

// Checkpoint chunks are read this much at a time.
constexpr uint64_t kWindowBytes = 16 << 20;

// Applies records to an index; rejects what no correct store can have written.
class Replayer {
 public:
  Replayer(const StoreHeader& header, Index* index) : header_(header), index_(index) {}

  // All records of a group, or false at the first invalid one.
  bool ApplyGroup(const Group& group) {
    std::span<const std::byte> bytes = group.records;
    for (uint32_t i = 0; i < group.record_count; ++i) {
      const std::optional<Record> record = TakeRecord(&bytes);
      if (!record.has_value() || !Apply(*record)) return false;
    }
    return bytes.empty();
  }

 private:
  bool Apply(const Record& record) {
    if (record.type == format::RecordType::kOpen) return true;
    if (record.key.size() > header_.max_key_bytes) return false;
    if (record.type == format::RecordType::kPut && !FitsPayload(record)) return false;
    if (const std::optional<EntryId> old = index_->Find(record.key)) {
      index_->Unpublish(*old);
      index_->Erase(*old);
    }
    if (record.type == format::RecordType::kRemove) return true;
    // A fuzzy checkpoint may show the old and the new owner of an entry at once.
    if (index_->size() >= 2 * header_.max_entries) return false;
    index_->Insert(record.key, record.placement, record.payload_bytes, record.checksum);
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

// Reads the chunks of one checkpoint in order, a window at a time.
class ChunkReader {
 public:
  ChunkReader(Device* device, const StoreHeader& header, const CheckpointHeader& checkpoint)
      : device_(device),
        header_(header),
        checkpoint_(checkpoint),
        window_(std::clamp<uint64_t>(checkpoint.chunk_bytes, header.layout.block_bytes, kWindowBytes),
                header.layout.block_bytes) {}

  absl::Status ApplyAll(Replayer* replayer) {
    uint64_t records = 0;
    for (uint64_t chunk = 0; chunk < checkpoint_.chunk_count; ++chunk) {
      if (absl::Status status = FillFor(format::kGroupBytesMax); !status.ok()) return status;
      const std::optional<Group> group = DecodeGroup(format::kCheckpointMagic, header_.salt, Unread());
      if (!group.has_value() || group->owner != checkpoint_.sequence || group->sequence != chunk ||
          !replayer->ApplyGroup(*group)) {
        return absl::DataLossError(absl::StrCat("checkpoint ", checkpoint_.sequence, ": chunk ", chunk, " of ",
                                                checkpoint_.chunk_count, " is damaged"));
      }
      records += group->record_count;
      taken_ += std::min<uint64_t>(GroupBytes(group->records.size(), header_.layout.block_bytes), Unread().size());
    }
    if (records == checkpoint_.record_count) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat("checkpoint ", checkpoint_.sequence, ": ", records, " records instead of ",
                                            checkpoint_.record_count));
  }

 private:
  std::span<const std::byte> Unread() const { return std::span(window_.span()).subspan(taken_, filled_ - taken_); }

  // Makes `bytes` unread ones available, or all there are.
  absl::Status FillFor(uint64_t bytes) {
    const uint64_t left = checkpoint_.chunk_bytes - read_;
    if (filled_ - taken_ >= bytes || left == 0) return absl::OkStatus();
    const std::span<std::byte> window = window_.span();
    std::memmove(window.data(), window.data() + taken_, filled_ - taken_);
    filled_ -= taken_;
    taken_ = 0;
    const uint64_t more = std::min<uint64_t>(left, window.size() - filled_);
    const uint64_t slot = header_.layout.checkpoint_offset[CheckpointSlot(checkpoint_.sequence)];
    absl::Status status = ReadBytes(device_, slot + header_.layout.block_bytes + read_, window.subspan(filled_, more));
    filled_ += more;
    read_ += more;
    return status;
  }

  Device* const device_;
  const StoreHeader& header_;
  const CheckpointHeader& checkpoint_;
  AlignedBuffer window_;
  uint64_t read_ = 0;  // of chunk_bytes, into the window so far
  size_t filled_ = 0;  // of the window
  size_t taken_ = 0;   // of what is filled
};

// The journal ring in memory, walked from where a checkpoint's replay starts.
class JournalWalk {
 public:
  JournalWalk(const StoreHeader& header, std::span<const std::byte> ring, JournalPoint start)
      : header_(header), ring_(ring), next_(start), start_(start) {}

  // The group that comes next, here or at the start of the next lap.
  std::optional<Group> Take() {
    for (const uint64_t position : {next_.position, PlaceGroup(next_.position, ring_.size(), ring_.size())}) {
      const std::optional<Group> group = At(position);
      if (!group.has_value() || group->sequence != next_.lsn.value()) continue;
      const uint64_t bytes = GroupBytes(group->records.size(), header_.layout.block_bytes);
      if (position + bytes - start_.position > ring_.size()) continue;
      next_ = {.position = position + bytes, .lsn = next_.lsn.Plus(group->record_count)};
      return group;
    }
    return std::nullopt;
  }

  // Whether the ring holds a group later than the next one: then what is
  // missing in between was lost, not torn.
  bool HasLaterGroup() const {
    for (uint64_t offset = 0; offset < ring_.size(); offset += header_.layout.block_bytes) {
      const std::optional<Group> group = At(offset);
      if (group.has_value() && group->sequence > next_.lsn.value()) return true;
    }
    return false;
  }

  JournalPoint next() const { return next_; }

 private:
  std::optional<Group> At(uint64_t position) const {
    return DecodeGroup(format::kJournalMagic, header_.salt, ring_.subspan(position % ring_.size()));
  }

  const StoreHeader& header_;
  const std::span<const std::byte> ring_;
  JournalPoint next_;
  const JournalPoint start_;
};

absl::Status ReplayJournal(Device* device, const CheckpointHeader& checkpoint, RecoveredStore* store) {
  AlignedBuffer ring(store->header.layout.journal_bytes, store->header.layout.block_bytes);
  absl::Status status = ReadBytes(device, store->header.layout.journal_offset, ring.span());
  if (!status.ok()) return status;
  Replayer replayer(store->header, store->index.get());
  JournalWalk walk(store->header, ring.span(),
                   {.position = checkpoint.journal_position, .lsn = Lsn(checkpoint.start_lsn)});
  while (const std::optional<Group> group = walk.Take()) {
    if (!replayer.ApplyGroup(*group)) {
      return absl::DataLossError(absl::StrCat("journal: the group at LSN ", group->sequence, " holds a bad record"));
    }
    ++store->report.journal_groups;
    store->report.journal_records += group->record_count;
  }
  if (walk.HasLaterGroup()) {
    return absl::DataLossError(absl::StrCat("journal: damaged at LSN ", walk.next().lsn.value(),
                                            ", with valid groups after it; acknowledged entries may be lost"));
  }
  store->journal_next = walk.next();
  store->journal_tail = checkpoint.journal_position;
  return absl::OkStatus();
}

// Rebuilds the allocator from the live placements; entries that overlap others
// or that the engine cannot have placed are dropped.
void MarkAll(RecoveredStore* store) {
  for (EntryId id = 0; id < store->index->id_limit(); ++id) {
    const Entry& entry = store->index->entry(id);
    if (!entry.published || store->allocator->Mark(entry.placement.Get())) continue;
    store->dropped_keys.emplace_back(entry.key());
    store->index->Unpublish(id);
    store->index->Erase(id);
  }
  store->report.entries_dropped = store->dropped_keys.size();
}

// Renumbers the entries densely, when replay needed more ids than a store may
// have entries.
void Compact(RecoveredStore* store) {
  if (store->index->id_limit() <= store->header.max_entries) return;
  auto dense = std::make_unique<Index>();
  for (EntryId id = 0; id < store->index->id_limit(); ++id) {
    const Entry& entry = store->index->entry(id);
    if (entry.published) dense->Insert(entry.key(), entry.placement.Get(), entry.payload_bytes, entry.checksum);
  }
  store->index = std::move(dense);
}

}  // namespace

absl::StatusOr<RecoveredStore> Recover(Device* device) {
  RecoveredStore store;
  absl::StatusOr<StoreHeader> header = ReadStoreHeader(device, &store.report.superblock_copies_bad);
  if (!header.ok()) return header.status();
  store.header = *std::move(header);
  store.index = std::make_unique<Index>();

  const absl::StatusOr<CheckpointHeader> checkpoint = ReadNewestCheckpointHeader(device, store.header);
  if (!checkpoint.ok()) return checkpoint.status();
  store.report.checkpoint_sequence = checkpoint->sequence;
  store.report.checkpoint_records = checkpoint->record_count;
  Replayer replayer(store.header, store.index.get());
  absl::Status status = ChunkReader(device, store.header, *checkpoint).ApplyAll(&replayer);
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
