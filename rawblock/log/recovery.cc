// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/recovery.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "iouring/aligned_buffer.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/group.h"
#include "rawblock/disk/metadata_io.h"
#include "rawblock/disk/metadata_stream.h"
#include "rawblock/disk/record.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/log/checkpoint.h"

namespace slotwise {
namespace {

using format::CheckpointHeader;

// What is wrong is told up to this many lines.
constexpr size_t kDamageMax = 100;

// Beyond what any store counts to, far below where sums would overflow.
constexpr uint64_t kCounterMax = uint64_t{1} << 62;

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
  if (std::max({in.sequence, in.start_lsn, in.journal_position}) > kCounterMax) return std::nullopt;
  const uint32_t block_bytes = header.layout.block_bytes;
  if (in.chunk_bytes % block_bytes != 0 || in.journal_position % block_bytes != 0) return std::nullopt;
  if (in.chunk_bytes > header.layout.checkpoint_bytes - block_bytes) return std::nullopt;
  return in;
}

absl::StatusOr<CheckpointHeader> ReadNewestCheckpointHeader(Device* device, const StoreHeader& header) {
  std::optional<CheckpointHeader> newest;
  AlignedBuffer block(header.layout.block_bytes, header.layout.block_bytes);
  for (size_t slot = 0; slot < 2; ++slot) {
    const absl::Status status = ReadBytes(device, header.layout.checkpoint_offset[slot], block.span());
    if (absl::IsDataLoss(status)) continue;
    if (!status.ok()) return status;
    const std::optional<CheckpointHeader> found = DecodeCheckpointHeader(header, slot, block.span());
    if (found.has_value() && (!newest.has_value() || found->sequence > newest->sequence)) newest = found;
  }
  if (!newest.has_value()) return absl::DataLossError("no checkpoint is valid; the store's metadata is damaged");
  return *newest;
}

// Applies the chunks of a checkpoint; counts those that are not there.
class CheckpointReader {
 public:
  CheckpointReader(Device* device, const CheckpointHeader& checkpoint, RecoveredStore* store)
      : device_(device), checkpoint_(checkpoint), store_(store), replayer_(store->header, store->index.get()) {}

  absl::Status ReadAll() {
    const Layout& layout = store_->header.layout;
    store_->index->Reserve(std::min(store_->header.max_entries, checkpoint_.chunk_bytes / kPutBytesMin));
    MetadataStream stream(device_, layout.checkpoint_offset[CheckpointSlot(checkpoint_.sequence)] + layout.block_bytes,
                          checkpoint_.chunk_bytes);
    for (uint64_t at = 0; at < checkpoint_.chunk_bytes;) {
      const absl::StatusOr<std::span<const std::byte>> bytes = stream.Peek();
      if (!bytes.ok()) return bytes.status();
      const uint64_t step = Take(*bytes);
      stream.Skip(step);
      at += step;
    }
    const uint64_t lost = checkpoint_.chunk_count - std::min(chunks_, checkpoint_.chunk_count);
    if (lost == 0 && records_ == checkpoint_.record_count) return absl::OkStatus();
    store_->damage.push_back(absl::StrCat("checkpoint ", checkpoint_.sequence, ": ", lost, " of ",
                                          checkpoint_.chunk_count, " chunks are damaged, with ",
                                          checkpoint_.record_count - std::min(records_, checkpoint_.record_count),
                                          " of ", checkpoint_.record_count, " entries"));
    return absl::OkStatus();
  }

 private:
  // The chunk at the front of `bytes`, or else one block. How far that goes.
  uint64_t Take(std::span<const std::byte> bytes) {
    const uint32_t block_bytes = store_->header.layout.block_bytes;
    const std::optional<Group> group = DecodeGroup(format::kCheckpointMagic, store_->header.salt, bytes);
    if (!group.has_value() || group->owner != checkpoint_.sequence || group->sequence < next_chunk_) return block_bytes;
    next_chunk_ = group->sequence + 1;
    if (replayer_.ApplyGroup(*group)) {
      ++chunks_;
      records_ += group->record_count;
    }
    return std::min<uint64_t>(GroupBytes(group->records.size(), block_bytes), bytes.size());
  }

  Device* const device_;
  const CheckpointHeader& checkpoint_;
  RecoveredStore* const store_;
  Replayer replayer_;
  uint64_t next_chunk_ = 0;
  uint64_t chunks_ = 0;  // applied
  uint64_t records_ = 0;
};

// Reads the whole ring once, from where replay starts round to there: applies
// the groups that follow one another, and remembers the later ones, which should
// have followed too.
class JournalReader {
 public:
  JournalReader(Device* device, JournalPoint start, RecoveredStore* store)
      : device_(device),
        layout_(store->header.layout),
        store_(store),
        replayer_(store->header, store->index.get()),
        next_(start) {}

  absl::Status ReadAll() {
    const uint64_t start = next_.position;
    const uint64_t offset = start % layout_.journal_bytes;
    store_->journal_tail = start;
    if (absl::Status status = ReadLap(start, layout_.journal_bytes - offset); !status.ok()) return status;
    if (absl::Status status = ReadLap(start - offset + layout_.journal_bytes, offset); !status.ok()) return status;
    absl::Status status = ApplyLater();
    store_->journal_next = next_;
    return status;
  }

 private:
  // A valid group that does not follow the one before it.
  struct Later {
    Lsn lsn;
    uint64_t offset;  // in the ring
    uint64_t bytes;
  };

  // The part of one lap that starts at `position`. A group never wraps.
  absl::Status ReadLap(uint64_t position, uint64_t bytes) {
    MetadataStream stream(device_, layout_.journal_offset + position % layout_.journal_bytes, bytes);
    bool following = true;
    for (uint64_t at = 0; at < bytes;) {
      const absl::StatusOr<std::span<const std::byte>> view = stream.Peek();
      if (!view.ok()) return view.status();
      uint64_t step = following ? TakeNext(position + at, *view) : 0;
      following = step > 0;
      if (!following) step = PassLater((position + at) % layout_.journal_bytes, *view);
      stream.Skip(step);
      at += step;
    }
    return absl::OkStatus();
  }

  // Applies the group that comes next if it is here; its bytes, or 0.
  uint64_t TakeNext(uint64_t position, std::span<const std::byte> bytes) {
    if (GroupSequence(format::kJournalMagic, bytes) != next_.lsn.value()) return 0;
    const std::optional<Group> group = DecodeGroup(format::kJournalMagic, store_->header.salt, bytes);
    if (!group.has_value() || group->record_count == 0) {
      store_->report.journal_groups_cut = 1;
      return 0;
    }
    Apply(*group);
    const uint64_t group_bytes = GroupBytes(group->records.size(), layout_.block_bytes);
    next_ = {.position = position + group_bytes, .lsn = next_.lsn.Plus(group->record_count)};
    return group_bytes;
  }

  uint64_t PassLater(uint64_t offset, std::span<const std::byte> bytes) {
    const std::optional<uint64_t> sequence = GroupSequence(format::kJournalMagic, bytes);
    if (!sequence.has_value() || Lsn(*sequence) <= next_.lsn) return layout_.block_bytes;
    const std::optional<Group> group = DecodeGroup(format::kJournalMagic, store_->header.salt, bytes);
    if (!group.has_value() || group->record_count == 0) return layout_.block_bytes;
    const uint64_t group_bytes = GroupBytes(group->records.size(), layout_.block_bytes);
    later_.push_back({.lsn = Lsn(*sequence), .offset = offset, .bytes = group_bytes});
    return group_bytes;
  }

  // Applies the later groups in their order, and says what is missing.
  absl::Status ApplyLater() {
    std::ranges::sort(later_, {}, &Later::lsn);
    AlignedBuffer buffer(later_.empty() ? 0 : format::kGroupBytesMax, layout_.block_bytes);
    for (const Later& later : later_) {
      if (later.lsn < next_.lsn) continue;
      const std::span<std::byte> bytes = buffer.span().first(later.bytes);
      absl::Status status = ReadBytes(device_, layout_.journal_offset + later.offset, bytes);
      if (!status.ok()) return status;
      const std::optional<Group> group = DecodeGroup(format::kJournalMagic, store_->header.salt, bytes);
      if (!group.has_value()) return absl::DataLossError("journal: a group was lost between two reads");
      if (later.lsn > next_.lsn) {
        Damaged(absl::StrCat("records from LSN ", next_.lsn.value(), " to ", later.lsn.value() - 1,
                             " are damaged, with valid ones after them; acknowledged entries may be lost"));
      }
      Apply(*group);
      next_.lsn = later.lsn.Plus(group->record_count);
    }
    return absl::OkStatus();
  }

  void Apply(const Group& group) {
    if (!replayer_.ApplyGroup(group)) Damaged(absl::StrCat("the group at LSN ", group.sequence, " holds a bad record"));
    ++store_->report.journal_groups;
    store_->report.journal_records += group.record_count;
  }

  void Damaged(absl::string_view what) {
    if (store_->damage.size() < kDamageMax) store_->damage.push_back(absl::StrCat("journal: ", what));
  }

  Device* const device_;
  const Layout& layout_;
  RecoveredStore* const store_;
  Replayer replayer_;
  JournalPoint next_;
  std::vector<Later> later_;
};

// Rebuilds the allocator from the live placements; entries that overlap others
// or that the engine cannot have placed are dropped.
void MarkAll(RecoveredStore* store) {
  for (EntryId id = 0; id < store->index->id_limit(); ++id) {
    const Entry& entry = store->index->entry(id);
    if (!entry.published || store->allocator->Mark(entry.placement())) continue;
    store->dropped.push_back({.key = std::string(entry.key()),
                              .placement = entry.placement(),
                              .payload_bytes = entry.payload_bytes,
                              .checksum = entry.checksum});
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

absl::StatusOr<RecoveredStore> Salvage(Device* device) {
  RecoveredStore store;
  absl::StatusOr<StoreHeader> header = ReadStoreHeader(device, &store.report.superblock_copies_bad);
  if (!header.ok()) return header.status();
  store.header = *std::move(header);
  store.index = std::make_unique<Index>(store.header.salt);

  const absl::StatusOr<CheckpointHeader> checkpoint = ReadNewestCheckpointHeader(device, store.header);
  if (!checkpoint.ok()) return checkpoint.status();
  store.report.checkpoint_sequence = checkpoint->sequence;
  store.report.checkpoint_records = checkpoint->record_count;
  absl::Status status = CheckpointReader(device, *checkpoint, &store).ReadAll();
  if (!status.ok()) return status;
  const JournalPoint replay_from{.position = checkpoint->journal_position, .lsn = Lsn(checkpoint->start_lsn)};
  if (status = JournalReader(device, replay_from, &store).ReadAll(); !status.ok()) return status;

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

absl::StatusOr<RecoveredStore> Recover(Device* device) {
  absl::StatusOr<RecoveredStore> store = Salvage(device);
  if (store.ok() && !store->damage.empty()) {
    return absl::DataLossError(absl::StrCat(store->damage.front(), "; `slotwise check --repair` keeps what is left"));
  }
  return store;
}

}  // namespace slotwise
