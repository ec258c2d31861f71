// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_PUTS_H_
#define SLOTWISE_RAWBLOCK_CORE_PUTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "rawblock/core/core_parts.h"
#include "rawblock/core/operation.h"
#include "rawblock/core/room.h"
#include "rawblock/disk/lsn.h"
#include "slotwise/store_options.h"

namespace slotwise {

// Puts from their call to their answer, in this order:
//
//   Start    behind an earlier put of the same key, so that the last one to arrive is the one that stays; then in line
//            for a turn
//   Place    takes blocks, and evicts ahead of demand; a put that finds none waits while its Room evicts for it
//   Write    checksum and payload
//   Publish  after the write, so that no record ever names blocks whose payload is still on its way
//
// and its answer now (kBatched) or once its record is durable. One thread; `parts` is borrowed.
class Puts {
 public:
  Puts(CoreParts* parts, const Watermarks& watermarks)
      : parts_(parts), room_(parts->entries.policy(), watermarks, &parts->entries) {}

  void Start(Operation* put);
  // REQUIRES: it is the put's turn.
  void Place(Operation* put);
  // Tries again to place those that wait for room, if anything has happened that may have made some.
  void RetryPlacements();

  // How many wait for room.
  size_t awaiting_room() const { return awaiting_room_.size(); }

  // Recounts against the operations of the core. O(operations).
  void CheckInvariants() const;
  // How many wait behind an earlier put of their key. O(puts).
  size_t CountFollowers() const;

 private:
  // What may let a put that waits for room go on: RetryPlacements tries again when any of these has moved.
  struct Chances {
    uint64_t arrived = 0;
    uint64_t entries_freed = 0;
    uint64_t turns_ended = 0;
    uint64_t commits = 0;  // the journal may have room again; so with checkpoints
    uint64_t checkpoints = 0;
    Lsn durable_end;  // what it waited for may be durable
    bool failed = false;
    friend bool operator==(const Chances&, const Chances&) = default;
  };

  absl::Status Check(const Operation& put) const;
  void Admit(Operation* put);
  void KeepStored(Operation* put, EntryId stored);
  bool TryPlace(Operation* put);
  void Write(Operation* put);
  void Written(Operation* put);
  void Publish(Operation* put);
  // Its answer: now, or once everything appended so far is durable.
  void Acknowledge(Operation* put);
  void ReleaseKey(Operation* put);

  Chances chances() const;
  void RetryPlacement(Operation* put);
  bool MakeRoom(Operation* put);
  void Refuse(Operation* put);

  CoreParts* const parts_;
  Room room_;
  absl::flat_hash_map<std::string_view, Operation*> by_key_;  // the first of each key, from Admit to its end
  std::deque<Operation*> awaiting_room_;
  uint64_t arrived_ = 0;  // in awaiting_room_, so far
  Chances chances_seen_;  // by RetryPlacements
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_PUTS_H_
