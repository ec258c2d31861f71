// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/recovery.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/log/checkpoint_reader.h"
#include "rawblock/log/journal_reader.h"

namespace slotwise {
namespace {

absl::Status ReadCheckpoint(Device* device, const format::CheckpointHeader& checkpoint, RecoveredStore* store) {
  CheckpointReader reader(device, store->header, checkpoint, store->index.get());
  absl::Status status = reader.ReadAll();
  store->report.checkpoint_sequence = checkpoint.sequence;
  store->report.checkpoint_records = checkpoint.record_count;
  if (status.ok() && !reader.Damage().empty()) store->damage.push_back(reader.Damage());
  return status;
}

absl::Status ReadJournal(Device* device, JournalPoint start, RecoveredStore* store) {
  JournalReader reader(device, store->header, start, store->index.get());
  absl::Status status = reader.ReadAll();
  store->journal_tail = start.position;
  store->journal_next = reader.next();
  store->report.journal_groups = reader.groups();
  store->report.journal_records = reader.records();
  store->report.journal_groups_cut = reader.groups_cut();
  store->damage.insert(store->damage.end(), reader.damage().begin(), reader.damage().end());
  return status;
}

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

  const absl::StatusOr<format::CheckpointHeader> checkpoint = ReadNewestCheckpointHeader(device, store.header);
  if (!checkpoint.ok()) return checkpoint.status();
  if (absl::Status status = ReadCheckpoint(device, *checkpoint, &store); !status.ok()) return status;
  // Entries changed while the checkpoint was written, so it shows no one moment. The
  // journal from its start on makes up for that: its records are absolute.
  const JournalPoint replay_from{.position = checkpoint->journal_position, .lsn = Lsn(checkpoint->start_lsn)};
  if (absl::Status status = ReadJournal(device, replay_from, &store); !status.ok()) return status;

  // Last, for only now is it known which placements are live: a block may have had
  // several owners since the checkpoint.
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
