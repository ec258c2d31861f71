// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/recovery.h"

#include <utility>

#include "absl/status/status.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/log/checkpoint.h"
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
  JournalReader reader(device, store->header, store->session, start, store->index.get());
  absl::Status status = reader.ReadAll();
  store->journal_tail = start.position;
  store->journal_next = reader.next();
  store->recovered_end = reader.next().lsn;
  store->report.journal_groups = reader.groups();
  store->report.journal_records = reader.records();
  store->report.journal_groups_cut = reader.groups_cut();
  store->report.journal_groups_late = reader.groups_late();
  store->report.blocks_unreadable = reader.unreadable().size();
  store->unreadable = reader.unreadable();
  store->damage.insert(store->damage.end(), reader.damage().begin(), reader.damage().end());
  return status;
}

RecoveredStore Empty(const StoreHeader& header, const Session& session) {
  RecoveredStore store;
  store.header = header;
  store.session = session;
  store.index = std::make_unique<Index>(header.salt);
  return store;
}

// What `checkpoint` shows, and the journal behind it. Entries changed while the checkpoint was written, so it shows no
// one moment. The journal from its start on makes up for that: its records are absolute.
absl::StatusOr<RecoveredStore> ReadFrom(Device* device, const format::CheckpointHeader& checkpoint,
                                        RecoveredStore store) {
  if (absl::Status status = ReadCheckpoint(device, checkpoint, &store); !status.ok()) return status;
  if (absl::Status status = ReadJournal(device, ReplayPoint(checkpoint), &store); !status.ok()) return status;
  return store;
}

// Without a checkpoint nobody knows where the ring starts: all of it lies behind the last session's start.
absl::StatusOr<RecoveredStore> ReadRing(Device* device, RecoveredStore store) {
  const uint64_t ring = store.header.layout.journal_bytes;
  const JournalPoint start{.position = (store.session.first_position / ring + 1) * ring};
  store.damage.emplace_back("no checkpoint is valid: what is not in the journal is lost");
  if (absl::Status status = ReadJournal(device, start, &store); !status.ok()) return status;
  return store;
}

// The newest checkpoint and its journal; where these are damaged, what tells as much and is not.
absl::StatusOr<RecoveredStore> ReadBest(Device* device, const StoreHeader& header, const Session& session) {
  const absl::StatusOr<std::vector<format::CheckpointHeader>> checkpoints = ReadCheckpointHeaders(device, header);
  if (!checkpoints.ok()) return checkpoints.status();
  if (checkpoints->empty()) return ReadRing(device, Empty(header, session));
  absl::StatusOr<RecoveredStore> best = ReadFrom(device, checkpoints->front(), Empty(header, session));
  for (size_t next = 1; next < checkpoints->size() && best.ok() && !best->damage.empty(); ++next) {
    absl::StatusOr<RecoveredStore> other = ReadFrom(device, (*checkpoints)[next], Empty(header, session));
    if (!other.ok()) return other;
    if (other->damage.empty() && other->journal_next.lsn >= best->journal_next.lsn) best = std::move(other);
  }
  return best;
}

void Drop(EntryId id, RecoveredStore* store) {
  const Entry& entry = store->index->entry(id);
  store->dropped.push_back({.key = std::string(entry.key()),
                            .placement = entry.placement(),
                            .payload_bytes = entry.payload_bytes,
                            .checksum = entry.checksum});
  store->index->Unpublish(id);
  store->index->Erase(id);
}

// Rebuilds the allocator from the live placements; entries that overlap others
// or that the engine cannot have placed are dropped, and those that are too many.
void MarkAll(RecoveredStore* store) {
  uint64_t kept = 0;
  for (EntryId id = 0; id < store->index->id_limit(); ++id) {
    const Entry& entry = store->index->entry(id);
    if (!entry.published) continue;
    if (kept == store->header.max_entries || !store->allocator->Mark(entry.placement())) {
      Drop(id, store);
    } else {
      ++kept;
    }
  }
  store->report.entries_dropped = store->dropped.size();
}

// Takes the places where writes fail out of use. Where an entry lives it was written once: then it stays.
void MarkBad(RecoveredStore* store) {
  const std::vector<Placement> bad = store->index->TakeBad();
  for (const Placement& placement : bad) {
    if (store->allocator->Mark(placement)) store->index->AddBad(placement);
  }
  store->report.placements_bad = store->index->bad().size();
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
  for (const Placement& placement : store->index->bad()) dense->AddBad(placement);
  store->index = std::move(dense);
}

}  // namespace

absl::StatusOr<RecoveredStore> Recover(Device* device) {
  uint64_t superblock_copies_bad = 0;
  const absl::StatusOr<StoreHeader> header = ReadStoreHeader(device, &superblock_copies_bad);
  if (!header.ok()) return header.status();
  const absl::StatusOr<Session> session = ReadLastSession(device, *header);
  if (!session.ok()) return session.status();
  absl::StatusOr<RecoveredStore> store = ReadBest(device, *header, *session);
  if (!store.ok()) return store;
  store->report.superblock_copies_bad = superblock_copies_bad;
  store->report.epoch = session->epoch;
  // Last, for only now is it known which placements are live: a block may have had
  // several owners since the checkpoint.
  absl::StatusOr<std::unique_ptr<Allocator>> allocator =
      CreateAllocator(header->allocator, BlockCount(header->layout.data_blocks));
  if (!allocator.ok()) return allocator.status();
  store->allocator = *std::move(allocator);
  MarkAll(&*store);
  MarkBad(&*store);
  Compact(&*store);
  return store;
}

}  // namespace slotwise
