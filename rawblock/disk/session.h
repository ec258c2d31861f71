// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_DISK_SESSION_H_
#define SLOTWISE_RAWBLOCK_DISK_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "iouring/device.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/lsn.h"
#include "rawblock/disk/store_header.h"

namespace slotwise {

// One opening of a store for writing. Its number is in everything that it writes, so that what a dead session's writes,
// or another host's, leave on the device late is told from its own.
struct Session {
  uint64_t epoch = 0;           // counts the sessions since format; 0: none yet
  uint64_t number = 0;          // random; 0: not known
  Lsn recovered_end = {};       // behind the last record that it recovered
  Lsn first_lsn = {};           // of its first record
  uint64_t first_position = 0;  // in the journal, of its first group

  // Whether a group of `session` that starts at `lsn` was written behind this one's back: by a session that it took for
  // dead, or that opened the store at the same moment. Nobody was told that it is durable, or in vain.
  bool Late(uint64_t session, Lsn lsn) const {
    const bool of_its_time = lsn >= first_lsn && lsn < first_lsn.Plus(format::kSessionLsns);
    return (lsn >= recovered_end && lsn < first_lsn) || (number != 0 && of_its_time && session != number);
  }

  friend bool operator==(const Session&, const Session&) = default;
};

// Where in the journal the session that follows `last` starts, if the records that were recovered end at `end`, a
// position: so far behind both that the one group that a dead session may have under way cannot land on it. A group of
// the largest size fits there without wrapping.
uint64_t NextSessionPosition(uint64_t end, const Session& last, uint64_t journal_bytes);
// Its first LSN, if those recovered end at `end`: no session before it has used it, nor one behind it.
Lsn NextSessionLsn(Lsn end, const Session& last);

// The session block of `copy` in `bytes`, which may hold anything; nullopt if there is none. O(1).
std::optional<Session> DecodeSession(const StoreHeader& header, std::span<const std::byte> bytes);
// Writes the block of `session` over all of `out`, one block.
void EncodeSession(const StoreHeader& header, const Session& session, std::span<std::byte> out);
// Where a copy of the block stands, in bytes.
uint64_t SessionOffset(uint64_t copy);

// The session that opened the store last: the valid copy of the highest epoch; epoch 0 if none is valid, as after
// format or when both copies are damaged. A copy that cannot be read counts as damaged.
absl::StatusOr<Session> ReadLastSession(Device* device, const StoreHeader& header);
// Writes every copy, one after the other, and flushes each: one is whole at any moment. kFailedPrecondition and others:
// of the device.
absl::Status WriteSession(Device* device, const StoreHeader& header, const Session& session);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_DISK_SESSION_H_
