// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_LOG_JOURNAL_H_
#define SLOTWISE_RAWBLOCK_LOG_JOURNAL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "iouring/aligned_buffer.h"
#include "iouring/device.h"
#include "rawblock/disk/layout.h"
#include "rawblock/disk/lsn.h"
#include "rawblock/disk/record.h"

namespace slotwise {

// Where the journal stands: the next group goes to `position`, its first record
// is `lsn`. A position counts the bytes the ring has been given since the store
// was formatted, what was passed over included, so it never repeats.
struct JournalPoint {
  uint64_t position = 0;
  Lsn lsn{1};
  // Of the group before it: the session that wrote it, and its checksum. 0: there is none.
  uint64_t session = 0;
  uint64_t previous = 0;

  friend bool operator==(const JournalPoint&, const JournalPoint&) = default;
};

// Writes records to the journal ring with group commit: records gather in
// memory, one group at a time is written and flushed, and all its records are
// durable together. The payload that a record names must have been written
// before Append. The ring is reused from the tail, which a checkpoint moves. Each group
// holds the number of its session and the checksum of the group before it, so that recovery
// finds its way from one to the next wherever they lie. A place where a write fails for good
// is passed over. One thread.
//
// Invariants:
//   1. A group is written only after the one before it is durable. So a bad
//      group before a good later one is damage, never a torn tail.
//   2. Nothing from the tail on is overwritten.
//   3. A group is written only when the payloads it names are durable: there is
//      a flush before it too, unless an earlier one will do. So a group that is
//      read after a crash never names a payload that the crash took.
//   4. All that is pending or promised fits the ring as it is, in whatever groups
//      it will be written: nobody appends or promises without HasRoom. So a
//      commit never waits for the ring, a checkpoint, which waits for commits,
//      can always be sealed, and a full ring is always freed.
class Journal {
 public:
  // `session` is its number; `next` is where to go on, `tail` where the newest checkpoint's
  // replay starts. `device` is borrowed; what it completes shows in durable_end and
  // status. REQUIRES: every record below next.lsn is durable.
  Journal(const Layout& layout, uint64_t salt, uint64_t session, JournalPoint next, uint64_t tail, Device* device);

  // Whether `records` more may be appended or promised. False while the ring is
  // too full for them, until a checkpoint moves the tail, or while very much is
  // pending, until a commit. O(1).
  bool HasRoom(uint64_t records = 1) const;
  // Keeps room for a record that will be appended later, or given up: Redeem comes
  // just before its Append, or in its place. REQUIRES: HasRoom().
  void Promise() { ++promised_; }
  void Redeem();

  // Adds a record to the next group. REQUIRES: HasRoom(), or one was promised and
  // is redeemed now. Amortised O(record).
  Lsn Append(const Record& record);

  // Starts writing a group if there are records and none is under way. Whether it
  // started.
  bool StartCommit();

  // Records below this are durable.
  Lsn durable_end() const { return durable_end_; }
  // The LSN of the next record appended.
  Lsn next_lsn() const { return next_lsn_; }
  // Not yet in a group that is being written.
  size_t pending_bytes() const { return pending_.size(); }

  // Where the next group will start: everything before it is in groups written
  // or being written.
  JournalPoint pending_start() const {
    return {.position = position_, .lsn = pending_first_, .session = previous_session_, .previous = previous_};
  }
  // The ring from here on must be kept.
  void MoveTail(uint64_t position);
  uint64_t used_bytes() const { return position_ - tail_; }
  uint64_t ring_bytes() const { return layout_.journal_bytes; }
  uint64_t promised() const { return promised_; }

  // OK, or why no record can become durable any more.
  const absl::Status& status() const { return status_; }
  uint64_t groups_written() const { return groups_written_; }
  uint64_t bytes_written() const { return bytes_written_; }
  // Sent to the device.
  uint64_t flushes() const { return flushes_; }
  // Groups that were written again further on, because the place that they were given failed.
  uint64_t relocations() const { return relocations_; }

  // A group is given so many places before the journal fails.
  static constexpr int kPlacesMax = 8;

 private:
  struct Request : IoRequest {
    Journal* journal;
  };

  // More than this is not gathered: a part of the ring, and of memory.
  size_t pending_bytes_max() const;
  // The most of the ring that what is pending, and so many records more, can take.
  uint64_t RingBytesFor(uint64_t records) const;
  // The number of records, and their bytes, that the next group takes.
  std::pair<size_t, size_t> NextGroup() const;
  void EncodeNext(size_t records, size_t record_bytes, uint64_t position);
  bool PayloadsDurable() const { return payloads_durable_end_ > newest_put_; }
  // The steps of a commit, in this order.
  void FlushPayloads();
  void WriteGroup();
  bool Relocate();
  void FlushGroup();
  void Flush(void (*done)(IoRequest*));
  void Finish(const absl::Status& status);

  const Layout layout_;
  const uint64_t salt_;
  const uint64_t session_;
  Device* const device_;

  uint64_t position_;
  uint64_t tail_;
  Lsn pending_first_;
  Lsn next_lsn_;
  Lsn durable_end_;
  Lsn newest_put_{0};         // of the records appended
  Lsn payloads_durable_end_;  // the payloads of records below this are durable
  Lsn payloads_flushing_end_;
  std::vector<std::byte> pending_;
  std::deque<uint32_t> pending_record_bytes_;
  uint64_t promised_ = 0;  // records

  uint64_t previous_session_;  // of the group before position_
  uint64_t previous_;          // its checksum

  bool committing_ = false;
  int places_ = 0;  // that the group being written was given
  AlignedBuffer group_;
  iovec group_buffer_ = {};
  Request request_;
  absl::Status status_;
  uint64_t groups_written_ = 0;
  uint64_t bytes_written_ = 0;
  uint64_t flushes_ = 0;
  uint64_t relocations_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_LOG_JOURNAL_H_
