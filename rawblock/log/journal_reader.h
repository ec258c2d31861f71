// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_LOG_JOURNAL_READER_H_
#define SLOTWISE_RAWBLOCK_LOG_JOURNAL_READER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "iouring/device.h"
#include "rawblock/disk/group.h"
#include "rawblock/disk/lsn.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/log/index.h"
#include "rawblock/log/journal.h"
#include "rawblock/log/replayer.h"

namespace slotwise {

// Reads the whole journal ring once, from where replay starts round to there, and
// applies its records to an index. The groups that follow one another end at the
// first place where the next one is not. What stands there decides:
//
//   nothing, or a group of an earlier lap     -> the end
//   the next group's header, but not its bytes -> the end; one torn group is cut
//   and valid later groups behind it           -> damage: a group is written only
//       when those before it are durable (Journal), so a crash leaves no gap
//
// The later groups are applied too, in the order of their LSNs. One thread.
class JournalReader {
 public:
  // All borrowed. `start` is where replay starts.
  JournalReader(Device* device, const StoreHeader& header, JournalPoint start, Index* index);

  // An error is the device's. O(ring). Call once.
  absl::Status ReadAll();

  // After ReadAll:
  // Where the journal goes on.
  JournalPoint next() const { return next_; }
  // Applied.
  uint64_t groups() const { return groups_; }
  uint64_t records() const { return records_; }
  // Torn at the end: 0 or 1.
  uint64_t groups_cut() const { return groups_cut_; }
  // What is damaged, a line each, for people; at most 100.
  const std::vector<std::string>& damage() const { return damage_; }

 private:
  // A valid group that does not follow the one before it.
  struct Later {
    Lsn lsn;
    uint64_t offset;  // in the ring
    uint64_t bytes;
  };

  // Reads the part of one lap that starts at `position`. A group never wraps.
  absl::Status ReadLap(uint64_t position, uint64_t bytes);
  // Applies the group that comes next if it is here; its bytes, or 0.
  uint64_t TakeNext(uint64_t position, std::span<const std::byte> bytes);
  // Remembers the later group that is here, if one is; the bytes to go on by.
  uint64_t PassLater(uint64_t offset, std::span<const std::byte> bytes);
  // Applies the later groups in their order, and says what is missing.
  absl::Status ApplyLater();
  void Apply(const Group& group);
  void Damaged(absl::string_view what);

  Device* const device_;
  const StoreHeader& header_;
  const Layout& layout_;
  Replayer replayer_;
  JournalPoint next_;
  std::vector<Later> later_;
  uint64_t groups_ = 0;
  uint64_t records_ = 0;
  uint64_t groups_cut_ = 0;
  std::vector<std::string> damage_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_LOG_JOURNAL_READER_H_
