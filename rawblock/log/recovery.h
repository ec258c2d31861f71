// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_LOG_RECOVERY_H_
#define SLOTWISE_RAWBLOCK_LOG_RECOVERY_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "allocator/allocator.h"
#include "allocator/extent.h"
#include "iouring/device.h"
#include "rawblock/disk/lsn.h"
#include "rawblock/disk/session.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/log/index.h"
#include "rawblock/log/journal.h"

namespace slotwise {

// What recovery found, for `info`, `check` and the log.
struct RecoveryReport {
  uint64_t checkpoint_sequence = 0;
  uint64_t checkpoint_records = 0;
  uint64_t journal_groups = 0;
  uint64_t journal_records = 0;
  uint64_t journal_groups_cut = 0;     // begun and not completed when the last session ended: 0 or 1
  uint64_t journal_groups_late = 0;    // of dead sessions or other hosts, written behind the last session's back
  uint64_t blocks_unreadable = 0;      // of the journal
  uint64_t placements_bad = 0;         // where writes fail
  uint64_t epoch = 0;                  // of the last session; 0: there was none
  uint64_t superblock_copies_bad = 0;  // rewritten when the store is opened for writing
  // Entries that do not fit the space beside the others; never served.
  uint64_t entries_dropped = 0;
};

// An entry that recovery found but does not keep.
struct DroppedEntry {
  std::string key;
  Placement placement;
  uint32_t payload_bytes = 0;
  uint64_t checksum = 0;
};

// A store's state, read from the device.
struct RecoveredStore {
  StoreHeader header;
  std::unique_ptr<Index> index;
  std::unique_ptr<Allocator> allocator;
  std::vector<DroppedEntry> dropped;
  Session session;                    // the last one, or the one that has begun
  Lsn recovered_end;                  // behind the last record that was recovered
  JournalPoint journal_next;
  uint64_t journal_tail = 0;
  RecoveryReport report;
  uint64_t flushes = 0;              // sent by StartSession
  std::vector<uint64_t> unreadable;  // blocks of the journal, in bytes of the device
  // What is damaged and was gone past, one line each, for people.
  std::vector<std::string> damage;
};

// Reads superblock, newest checkpoint and the journal after it, and rebuilds
// the allocator; never a payload, and writes nothing. Linear in live entries
// and the length of the journal.
//
//   a superblock copy, session block or header  -> another copy
//   the newest checkpoint, or what follows it   -> the one before, if the journal still reaches back to it
//   else a chunk or a group of the journal      -> everything but what it held; `damage` says so
//   no checkpoint                               -> what the journal holds; `damage` says so
//   journal: the first group that follows none  -> the end, a torn tail is cut
//
// Where something is damaged entries may be missing, and entries whose removal stood only there may be back; their
// checksums tell those whose blocks belong to others by now. The store must be written anew then: see BeginSession.
// Errors as ReadStoreHeader.
absl::StatusOr<RecoveredStore> Recover(Device* device);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_LOG_RECOVERY_H_
