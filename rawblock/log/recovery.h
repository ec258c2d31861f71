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
  std::vector<DroppedEntry> dropped;  // their removal is still to be journalled
  JournalPoint journal_next;
  uint64_t journal_tail = 0;
  RecoveryReport report;
  // What Salvage found damaged and went past, one line each, for people.
  std::vector<std::string> damage;
};

// Reads superblock, newest checkpoint and the journal after it, and rebuilds
// the allocator; never a payload, and writes nothing. Linear in live entries
// and the length of the journal.
//
//   newest header valid, its chunks valid     -> it, and the journal after it
//   newest header invalid (torn)              -> the other slot likewise
//   a valid header whose chunks are not       -> kDataLoss
//   no valid header                           -> kDataLoss
//   journal: first group that does not follow -> the end, a torn tail is cut
//   journal: a later group behind that end    -> kDataLoss
//
// Other errors as ReadStoreHeader.
absl::StatusOr<RecoveredStore> Recover(Device* device);

// As Recover, but skips damaged chunks and groups, which it lists in `damage`, and keeps all others, in the order of
// their LSNs. Entries that only the damaged parts named are missing; entries whose removal stood only there are back,
// so verify their payloads first. For `check`; such a store must be repaired before it is opened.
absl::StatusOr<RecoveredStore> Salvage(Device* device);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_LOG_RECOVERY_H_
