// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_RAW_BLOCK_CORE_H_
#define SLOTWISE_RAWBLOCK_CORE_RAW_BLOCK_CORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "allocator/allocator.h"
#include "iouring/device.h"
#include "iouring/retrying_device.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/core_parts.h"
#include "rawblock/core/entries.h"
#include "rawblock/core/operation.h"
#include "rawblock/core/puts.h"
#include "rawblock/core/removes.h"
#include "rawblock/disk/lsn.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/log/recovery.h"
#include "slotwise/statistics.h"
#include "slotwise/store_options.h"

namespace slotwise {

// Keys to payloads on one device: the engine of a shard.
//
//   Put:  allocate; write the payload; journal {key, length, placement,
//         checksum}; publish; acknowledge.
//   Get:  find; hold; read; verify; let go. A mismatch drops the entry and is
//         kDataLoss, never wrong bytes.
//   Gone: a removed or evicted entry is unpublished at once, but its blocks
//         return to the allocator only when the removal record is durable and
//         no read or pin holds them. So no durable record ever names blocks that hold
//         somebody else's payload.
//
// After a crash every operation acknowledged as durable is there; of the later
// ones, each is there whole or not at all.
//
// Every put that finds room evicts about as much ahead of demand once less is free
// than the watermarks say. A put that finds none waits while its Room evicts for it,
// until what was evicted is durably gone, and is refused in the end.
//
// A write that fails in the journal or a checkpoint, or a flush that fails,
// makes the core read-only: writes return kFailedPrecondition, gets go on.
//
// Single-threaded and deterministic: everything happens inside the calls and
// Poll, time comes from `clock`. Callbacks run from Poll only, never inline;
// they may call anything but Poll, Close and the destructor.
class RawBlockCore {
 public:
  using PutDone = absl::AnyInvocable<void(absl::StatusOr<PutOutcome>)>;
  using GetDone = absl::AnyInvocable<void(absl::StatusOr<uint64_t>)>;
  using Done = absl::AnyInvocable<void(absl::Status)>;

  // Opens the store on `device`, recovering it; what is damaged costs what it held, and
  // a line in the log. kInvalidArgument: the options; kFailedPrecondition: not a Slotwise store, a newer version, or a
  // device smaller than the store; kDataLoss: no superblock copy is valid. Nothing is
  // written unless recovery succeeds. A store that cannot be written is opened all the
  // same, read-only: see writable(). `device` and `clock` outlive the core. Blocks.
  static absl::StatusOr<std::unique_ptr<RawBlockCore>> Open(Device* device, Clock* clock, const CoreOptions& options);

  // As a crash: waits for what is in flight on the device; nothing more is
  // committed, and callbacks that have not run never do.
  ~RawBlockCore();
  RawBlockCore(const RawBlockCore&) = delete;
  RawBlockCore& operator=(const RawBlockCore&) = delete;

  // Stores `payload` under `key`, both borrowed until `done`. A payload that
  // starts on an address aligned to the device is written in place; another is
  // copied first.
  // kInvalidArgument: an empty or too long key, an empty payload.
  // kOutOfRange: larger than any placement of this store's engine.
  // kResourceExhausted: no room, and eviction could not make any.
  // kFailedPrecondition: the core is read-only.
  // Else the write failed, and nothing was published.
  void Put(std::string_view key, std::span<const std::byte> payload, const PutOptions& options, PutDone done);

  // Reads the payload of `key` into the head of `destination`, borrowed until
  // `done`, and gives its length in bytes. The rest of the last block may be
  // overwritten too; after an error `destination` may hold anything.
  // kNotFound: a miss. kOutOfRange: `destination` is too small; the message
  // says how much is needed. kDataLoss: the checksum is wrong or the medium
  // cannot be read; the entry has been dropped, a pinned one too (its blocks
  // stay until the last Unpin), unless the journal takes no record now.
  // kUnavailable: the read failed for a reason that
  // may pass, such as want of memory; the entry stays.
  void Get(std::string_view key, std::span<std::byte> destination, GetDone done);

  // The payload bytes of `key` if it is there. Does not count as use. O(1).
  std::optional<uint64_t> Exists(std::string_view key) const;

  // `key` is borrowed until `done`. kNotFound: not there. kFailedPrecondition:
  // pinned and not forced, or the core is read-only.
  void Remove(std::string_view key, const RemoveOptions& options, Done done);

  // Keeps the entry of `key` from being evicted or removed, but for a forced
  // removal, a put that replaces it, and a get that finds it damaged; then its
  // blocks are kept. nullopt if it is not there.
  std::optional<Pin> PinKey(std::string_view key);
  // Does nothing, and counts it, if `pin` is not held.
  void Unpin(Pin pin) { parts_.statistics.unpins_refused += parts_.entries.Unpin(pin) ? 0 : 1; }

  // `done` when everything acknowledged so far is durable.
  void Flush(Done done);

  // Writes a checkpoint while serving; `done` when it is durable.
  void Checkpoint(Done done);

  // Moves everything forward: submits, waits for at most `timeout` when there
  // is nothing to do but wait, completes, commits. An error means that the
  // device is gone.
  absl::Status Poll(absl::Duration timeout);

  // Whether no operation, commit or checkpoint is under way.
  bool idle() const;

  // Finishes everything, writes a checkpoint and closes; only accessors and the
  // destructor may follow. Blocks.
  absl::Status Close();

  // After an error of Poll, when callers are told that their operations are
  // lost: the core touches their keys and memory no more, and calls nobody back.
  // The device may still move what it was given. Only accessors and the destructor
  // may follow.
  void Abandon() { parts_.operations.Abandon(); }

  // Calls `visit` for every published entry, in no particular order. `visit`
  // must not change the core. O(entries).
  void ForEach(absl::FunctionRef<void(const EntryView&)> visit) const { parts_.entries.ForEach(visit); }

  const StoreHeader& header() const { return parts_.header; }
  const RecoveryReport& recovery() const { return recovery_; }
  const Allocator& allocator() const { return parts_.entries.allocator(); }
  Occupancy occupancy() const { return parts_.entries.occupancy(); }
  Statistics statistics() const;
  // When the oldest operation was acknowledged that a crash would take back now;
  // the infinite future if there is none.
  absl::Time volatile_since() const { return parts_.commits.volatile_since(); }
  // OK, or why the core is read-only.
  const absl::Status& writable() const { return parts_.commits.failure(); }
  // Counts everything again by walking the entries and operations, and aborts if a
  // count or a state differs. O(store).
  void CheckInvariants() const;

 private:
  RawBlockCore(std::unique_ptr<RetryingDevice> device, Clock* clock, const CoreOptions& options,
               RecoveredStore* recovered);
  absl::Status BeginSession(Lsn recovered_end);
  // Polls until `call` and all else is answered.
  absl::Status AwaitAnswer(void (RawBlockCore::*call)(Done));

  // Gets, in the order of their steps. Those of puts and removals are in Puts and Removes.
  void StartGet(Operation* get);
  void GetRead(Operation* get);
  absl::Status VerifyRead(Operation* get);
  absl::Status DropDamaged(EntryId entry, const absl::Status& damage);

  // Moving forward.
  void Advance();
  void GrantTurns();
  bool StartNextGet();

  Clock* const clock_;
  const RecoveryReport recovery_;
  const std::unique_ptr<RetryingDevice> device_;
  CoreParts parts_;
  Puts puts_;
  Removes removes_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_RAW_BLOCK_CORE_H_
