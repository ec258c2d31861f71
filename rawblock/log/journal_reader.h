// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_LOG_JOURNAL_READER_H_
#define SLOTWISE_RAWBLOCK_LOG_JOURNAL_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "iouring/device.h"
#include "rawblock/disk/group.h"
#include "rawblock/disk/lsn.h"
#include "rawblock/disk/session.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/log/index.h"
#include "rawblock/log/journal.h"
#include "rawblock/log/replayer.h"

namespace slotwise {

// Reads the whole journal ring once, from where replay starts round to there, and
// applies its records to an index. A group follows another if it holds that one's checksum
// and continues its session's numbers, or opens a session that recovered exactly that much.
// Where it lies does not matter.
//
//   no group follows the last one              -> the end; a torn one there is cut
//   a group that is Late for the last session, -> a dead session's write that landed late, or another host's: it is
//   or of two that follow one the earlier         passed over
//   valid later groups that follow none        -> damage: a group is written only
//       when those before it are durable (Journal), so a crash leaves no gap
//
// The later groups are applied too, in the order of their LSNs. A block that cannot be read
// counts as one that holds nothing. One thread.
class JournalReader {
 public:
  // All borrowed. `last` is the last session; `start` is where replay starts.
  JournalReader(Device* device, const StoreHeader& header, const Session& last, JournalPoint start, Index* index);

  // An error is the device's. O(ring). Call once.
  absl::Status ReadAll();

  // After ReadAll:
  // Where the journal goes on.
  JournalPoint next() const { return applied_; }
  // Applied.
  uint64_t groups() const { return groups_; }
  uint64_t records() const { return records_; }
  // Torn at the end: 0 or 1.
  uint64_t groups_cut() const { return groups_cut_; }
  // Of sessions that had died before, or of other hosts: not applied.
  uint64_t groups_late() const { return groups_late_; }
  // The places of blocks that could not be read, in bytes of the device.
  const std::vector<uint64_t>& unreadable() const { return unreadable_; }
  // What is damaged, a line each, for people; at most 100.
  const std::vector<std::string>& damage() const { return damage_; }

 private:
  // A valid group that does not follow one that is known.
  struct Later {
    Lsn lsn;
    uint64_t position;
    uint64_t bytes;
  };
  // A group that is applied once it is certain that no later session was not told of it.
  struct Held {
    Lsn lsn;
    JournalPoint after;              // where the journal goes on behind it
    std::vector<std::byte> records;  // empty: there is none
  };

  // Reads the part of one lap that starts at `position`. A group never wraps.
  absl::Status ReadLap(uint64_t position, uint64_t bytes);
  // Takes the group that is here, if one is that counts; the bytes to go on by.
  uint64_t Take(uint64_t position, std::span<const std::byte> bytes);
  // As DecodeGroup; nullopt too once too much was hashed in vain.
  std::optional<Group> Decode(std::span<const std::byte> bytes);
  bool TakeNext(uint64_t position, const Group& group);
  // Takes the later groups in their order, and says what is missing.
  absl::Status TakeLater();
  void TakeBehindGap(uint64_t position, const Group& group);
  bool Follows(const JournalPoint& point, const Group& group) const;
  void Hold(uint64_t position, const Group& group);
  void DropHeld();
  void ApplyHeld();
  const JournalPoint& last() const { return held_.records.empty() ? applied_ : held_.after; }
  void Damaged(absl::string_view what);

  Device* const device_;
  const StoreHeader& header_;
  const Layout& layout_;
  const Session last_session_;
  const Lsn start_lsn_;
  Replayer replayer_;
  JournalPoint applied_;  // behind the last group that was applied
  Held held_;
  std::vector<Later> later_;
  uint64_t hashable_bytes_;  // in vain, before no more is hashed
  uint64_t groups_ = 0;
  uint64_t records_ = 0;
  uint64_t groups_cut_ = 0;
  uint64_t groups_late_ = 0;
  std::vector<uint64_t> unreadable_;
  std::vector<std::string> damage_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_LOG_JOURNAL_READER_H_
