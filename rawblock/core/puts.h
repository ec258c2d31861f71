// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_PUTS_H_
#define SLOTWISE_RAWBLOCK_CORE_PUTS_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "rawblock/core/core_parts.h"
#include "rawblock/core/operation.h"
#include "rawblock/core/room.h"
#include "rawblock/disk/lsn.h"
#include "rawblock/log/index.h"
#include "slotwise/store_options.h"

namespace slotwise {

// Puts from their call to their answer, in this order:
//
//   Start    behind an earlier put or removal of the same key, so that the last one to arrive is the one that stays
//   Begin    ends here if the key is kept; else in line for a turn
//   Place    takes blocks, and evicts ahead of demand; one that finds none waits, first in line, while its Room evicts
//            for it
//   Write    checksum and payload
//   Publish  after the write, so that no record ever names blocks whose payload is still on its way
//
// and its answer now (kBatched) or once its record is durable. One thread; `parts` is borrowed.
//
// Those in line are placed in their order: a small put must not take what a large one waits for. While the first finds
// no room, those behind it have evicted for them, once each, what will be missing when their turn comes. So a put costs
// a bounded number of tries, however many wait.
class Puts {
 public:
  Puts(CoreParts* parts, const Watermarks& watermarks)
      : parts_(parts), room_(parts->entries.policy(), watermarks, &parts->entries) {}

  void Start(Operation* put);
  // REQUIRES: it is the first of its key.
  void Begin(Operation* put);
  // Places the first in line, or refuses it. False if that must wait: for a turn, for room, or for the journal. Tries
  // only if something has happened since the last try that may have made a difference.
  bool PlaceNext();

  // How many are in line behind a first that found no room, itself included.
  size_t awaiting_room() const;

  // Recounts. O(those that wait for room).
  void CheckInvariants() const;

 private:
  // What may let a put that waits for room go on: PlaceNext tries again when any of these has moved.
  struct Chances {
    uint64_t entries_freed = 0;
    uint64_t turns_ended = 0;
    uint64_t commits = 0;  // the journal may have room again; so with checkpoints
    uint64_t checkpoints = 0;
    Lsn durable_end;  // what it waited for may be durable
    uint64_t unpins = 0;
    bool failed = false;
    friend bool operator==(const Chances&, const Chances&) = default;
  };
  // A put that was refused for want of room, and when: one that wants as much needs no search to be refused, too.
  struct Hopeless {
    uint64_t wanted = 0;
    Lsn next_lsn;  // a record more may be a removal
    Chances chances;
    friend bool operator==(const Hopeless&, const Hopeless&) = default;
  };

  absl::Status Check(const Operation& put) const;
  void KeepStored(Operation* put, EntryId stored);
  bool TryPlace(Operation* put);
  void Write(Operation* put);
  void Written(Operation* put);
  void Publish(Operation* put);
  void Fail(Operation* put, absl::Status status);

  Chances chances() const;
  bool MakeRoom(Operation* put);
  void PrepareRoomBehind();
  void LeaveLine();
  void Refuse(Operation* put);

  CoreParts* const parts_;
  Room room_;
  bool stuck_ = false;  // the first in line was tried, when the chances were these
  Chances chances_seen_;
  bool unprepared_ = false;  // nothing could be evicted for the next of those behind it, since then
  size_t prepared_ = 0;      // so many of the line, from the first on, have been evicted for
  RoomClaims claims_;        // of those
  Hopeless hopeless_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_PUTS_H_
