// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/session_start.h"

#include <random>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/metadata_io.h"
#include "rawblock/disk/session.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/log/checkpoint.h"
#include "rawblock/log/journal.h"

namespace slotwise {
namespace {

Session Next(uint64_t number, const RecoveredStore& store) {
  const JournalPoint& end = store.journal_next;
  return {.epoch = store.session.epoch + 1,
          .number = number,
          .recovered_end = end.lsn,
          .first_lsn = NextSessionLsn(end.lsn, store.session),
          .first_position = NextSessionPosition(end.position, store.session, store.header.layout.journal_bytes)};
}

// Replay starts behind every record there ever was, so nothing that is left in the ring counts again.
absl::Status WriteCheckpoint(Device* device, RecoveredStore* store) {
  CheckpointWriter writer(store->header, store->session.number, store->index.get(), device);
  JournalPoint replay_from = store->journal_next;
  replay_from.position = store->session.first_position;
  writer.Start(store->report.checkpoint_sequence + 1, replay_from);
  absl::Status status;
  while (status.ok() && !writer.idle()) {
    if (writer.chunks_written()) writer.Seal();
    status = device->Poll(absl::InfiniteDuration());
  }
  store->flushes += writer.flushes();
  status.Update(writer.status());
  if (!status.ok()) return status;
  store->report.checkpoint_sequence = writer.sequence();
  store->journal_tail = replay_from.position;
  return absl::OkStatus();
}

bool RingIsShort(const RecoveredStore& store) {
  return store.session.first_position - store.journal_tail > store.header.layout.journal_bytes / 2;
}

}  // namespace

uint64_t RandomSessionNumber() {
  std::random_device source;
  return uint64_t{source()} << 32 | source() | 1;
}

absl::Status StartSession(Device* device, uint64_t number, bool checkpoint, RecoveredStore* store) {
  if (absl::Status status = FlushDevice(device); !status.ok()) return status;
  if (store->report.superblock_copies_bad > 0) {
    const absl::StatusOr<uint64_t> healed = HealSuperblocks(device, store->header);
    if (!healed.ok()) return healed.status();
    store->flushes += *healed;
  }
  store->flushes += 1 + format::kSuperblockCopies;
  store->session = Next(number, *store);
  if (absl::Status status = WriteSession(device, store->header, store->session); !status.ok()) return status;
  absl::Status status;
  const bool dirty = !store->damage.empty() || !store->dropped.empty() || store->report.journal_groups_late > 0;
  if (checkpoint || dirty || RingIsShort(*store)) status = WriteCheckpoint(device, store);
  store->journal_next.position = store->session.first_position;
  store->journal_next.lsn = store->session.first_lsn;
  return status;
}

}  // namespace slotwise
