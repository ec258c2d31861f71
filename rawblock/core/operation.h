// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_OPERATION_H_
#define SLOTWISE_RAWBLOCK_CORE_OPERATION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "allocator/extent.h"
#include "iouring/aligned_buffer.h"
#include "rawblock/core/room.h"
#include "rawblock/disk/lsn.h"
#include "rawblock/disk/payload_transfer.h"
#include "rawblock/log/index.h"
#include "slotwise/store_options.h"

namespace slotwise {

struct Operation;

// What one call is about and how far it has come. One assignment makes it new, so nothing of an earlier call is left.
struct OperationState {
  enum class Kind { kPut, kGet, kRemove, kFlush, kCheckpoint };

  Kind kind = Kind::kFlush;
  std::string_view key = {};         // the caller's, until the callback
  std::span<std::byte> memory = {};  // the caller's: source of a put, destination of a get
  uint64_t payload_bytes = 0;
  PutOptions put_options = {};
  RemoveOptions remove_options = {};
  // The callback, of the kind's type.
  absl::AnyInvocable<void(absl::StatusOr<PutOutcome>)> put_done = nullptr;
  absl::AnyInvocable<void(absl::StatusOr<uint64_t>)> get_done = nullptr;
  absl::AnyInvocable<void(absl::Status)> done = nullptr;

  RoomRequest room = {};
  Placement placement = {};
  EntryId entry = 0;
  uint64_t checksum = 0;
  AlignedBuffer staging = {};
  Lsn awaited = {};                  // what it waits for is durable when all records below this are
  Operation* next_of_key = nullptr;  // the write of the same key that waits behind it
  absl::Time stage_began = {};

  PutOutcome outcome = PutOutcome::kStored;
  absl::Status status = {};
};

// One call on its way through a RawBlockCore.
struct Operation : OperationState {
  PayloadTransfer transfer;  // idle between calls
  size_t place = 0;          // among all
};

// All operations of a core. They are reused, so that the operations themselves cost no allocation in a steady state;
// those that wait for their callback are kept in the order in which they ended. One thread.
//
// After a burst they are given back: once kPeriod have ended, as many are kept as were under way at most meanwhile, and
// kIdleKept at least.
class Operations {
 public:
  static constexpr size_t kPeriod = 4096;
  static constexpr size_t kIdleKept = 512;

  // A new operation of this kind. O(1).
  Operation* Begin(Operation::Kind kind);
  // Ends it: its callback is due.
  void Complete(Operation* operation, absl::Status status);
  // Runs the callbacks that are due now. They may begin other operations.
  void RunCompleted();

  // Gives all transfers up; see PayloadTransfer::Abandon.
  void Abandon();

  // How many callbacks are due, those included that the RunCompleted under way has not come to.
  size_t completed() const { return completed_.size() + running_; }
  bool none_completed() const { return completed_.empty(); }
  // How many have begun and not yet heard their callback.
  size_t under_way() const { return all_.size() - idle_.size(); }
  // How many there are, the idle ones included.
  size_t held() const { return all_.size(); }

  void CheckInvariants() const;

 private:
  void Run(Operation* operation);
  void GiveBackIdle();
  void Destroy(Operation* operation);

  std::vector<std::unique_ptr<Operation>> all_;
  std::vector<Operation*> idle_;
  std::vector<Operation*> completed_;
  size_t running_ = 0;  // taken out of completed_ by RunCompleted, and not run yet

  size_t ended_ = 0;          // in this period
  size_t under_way_max_ = 0;  // in this period
  size_t kept_ = kIdleKept;   // the most in the period before; more need not be held
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_OPERATION_H_
