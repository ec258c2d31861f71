// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/puts.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "rawblock/disk/checksum.h"

namespace slotwise {

void Puts::Start(Operation* put) {
  ++parts_->statistics.puts;
  parts_->timer.Begin(put);
  if (absl::Status status = Check(*put); !status.ok()) return parts_->operations.Complete(put, std::move(status));
  parts_->lines.Enter(put);
}

absl::Status Puts::Check(const Operation& put) const {
  const StoreHeader& header = parts_->header;
  if (!parts_->commits.failure().ok()) return parts_->commits.failure();
  if (put.key.empty() || put.key.size() > header.max_key_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("a key of ", put.key.size(), " bytes; this store takes 1 to ", header.max_key_bytes));
  }
  if (put.payload_bytes == 0) return absl::InvalidArgumentError("an empty payload");
  const uint64_t bytes_max =
      std::min<uint64_t>(std::numeric_limits<uint32_t>::max(),
                         parts_->entries.allocator().largest_allocation().value() * header.layout.block_bytes);
  if (put.payload_bytes <= bytes_max) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrCat("a payload of ", put.payload_bytes,
                                            " bytes; the largest that this store can place has ", bytes_max));
}

void Puts::Begin(Operation* put) {
  if (const absl::Status& failure = parts_->commits.failure(); !failure.ok()) return Fail(put, failure);
  const std::optional<EntryId> stored = parts_->entries.Find(put->key);
  if (stored.has_value() && !put->put_options.replace) return KeepStored(put, *stored);
  put->room = parts_->entries.Arrive(put->key, parts_->header.layout.BlocksFor(put->payload_bytes));
  parts_->turns.Await(put);
}

void Puts::KeepStored(Operation* put, EntryId stored) {
  parts_->entries.Touch(stored);
  ++parts_->statistics.already_stored;
  put->outcome = PutOutcome::kAlreadyStored;
  parts_->lines.Leave(put);
  parts_->commits.Acknowledge(put, put->put_options.durability);
}

void Puts::Fail(Operation* put, absl::Status status) {
  parts_->lines.Leave(put);
  parts_->operations.Complete(put, std::move(status));
}

// --- In line -------------------------------------------------------------------------------

Puts::Chances Puts::chances() const {
  return {.entries_freed = parts_->entries.removals().freed(),
          .turns_ended = parts_->turns.ended(),
          .commits = parts_->commits.groups_started(),
          .checkpoints = parts_->commits.checkpoints(),
          .durable_end = parts_->journal.durable_end(),
          .unpins = parts_->entries.unpins(),
          .failed = !parts_->commits.failure().ok()};
}

bool Puts::PlaceNext() {
  Operation* const put = parts_->turns.First(Operation::Kind::kPut);
  if (put == nullptr) return false;
  const Chances now = chances();
  if (stuck_ && now == chances_seen_) {
    PrepareRoomBehind();
    return false;
  }
  if (const absl::Status& failure = parts_->commits.failure(); !failure.ok()) {
    LeaveLine();
    Fail(put, failure);
    return true;
  }
  if (TryPlace(put)) return true;
  stuck_ = true;
  unprepared_ = false;
  chances_seen_ = now;
  if (parts_->commits.Behind()) return false;
  if (!MakeRoom(put)) {
    Refuse(put);
    return true;
  }
  PrepareRoomBehind();
  return false;
}

size_t Puts::awaiting_room() const { return stuck_ ? parts_->turns.waiting(Operation::Kind::kPut).size() : 0; }

void Puts::LeaveLine() {
  if (prepared_ > 0) {
    --prepared_;
    --claims_.entries;
    claims_.size -= parts_->turns.waiting(Operation::Kind::kPut).front()->room.wanted;
  }
  stuck_ = false;
  parts_->turns.LeaveLine(Operation::Kind::kPut);
}

bool Puts::TryPlace(Operation* put) {
  if (parts_->commits.Behind()) return false;
  const std::optional<Placement> placement = parts_->entries.Reserve(BlockCount(put->room.wanted));
  if (!placement.has_value()) return false;
  LeaveLine();
  put->placement = *placement;
  put->room.arrival.size = placement->blocks().value();
  // Now, so that the evictions are durable by the time that the next put needs their room.
  room_.EvictAhead(&put->room);
  Write(put);
  return true;
}

// What was evicted is room only once it is durable; until then there is nothing to decide.
bool Puts::MakeRoom(Operation* put) {
  if (put->awaited > parts_->journal.durable_end()) return true;
  const Hopeless refused{.wanted = put->room.wanted, .next_lsn = parts_->journal.next_lsn(), .chances = chances_seen_};
  if (put->room.evictions == 0 && hopeless_ == refused) return false;
  const bool hope = room_.MakeRoom(&put->room, {.removals_under_way = !parts_->entries.removals().empty(),
                                                .transfers_under_way = parts_->turns.taken() > 0});
  put->awaited = parts_->journal.next_lsn();
  if (!hope) hopeless_ = refused;
  return hope;
}

// No more than could be at work at once.
void Puts::PrepareRoomBehind() {
  const std::deque<Operation*>& line = parts_->turns.waiting(Operation::Kind::kPut);
  const size_t prepared_max = std::min(line.size(), static_cast<size_t>(parts_->turns.turns_max()));
  for (; prepared_ < prepared_max && !unprepared_ && !parts_->commits.Behind(); ++prepared_) {
    Operation* const put = line[prepared_];
    if (prepared_ > 0) {
      const int evictions_before = put->room.evictions;
      unprepared_ = !room_.PrepareRoom(&put->room, claims_);
      if (put->room.evictions > evictions_before) put->awaited = parts_->journal.next_lsn();
      if (unprepared_) return;
    }
    claims_.size += put->room.wanted;
    ++claims_.entries;
  }
}

void Puts::Refuse(Operation* put) {
  const bool entries_full = parts_->entries.full();
  ++(entries_full ? parts_->statistics.refused_no_entry : parts_->statistics.refused_no_space);
  const std::string reason =
      entries_full ? absl::StrCat("the store holds its ", parts_->header.max_entries,
                                  " entries already, and eviction freed none")
                   : absl::StrCat("no room for a payload of ", put->payload_bytes, " bytes, and eviction made none");
  LeaveLine();
  Fail(put, absl::ResourceExhaustedError(reason));
}

// --- At work -------------------------------------------------------------------------------

void Puts::Write(Operation* put) {
  put->staging = parts_->turns.Take(Operation::Kind::kPut, put->memory.data(), put->payload_bytes);
  parts_->timer.End(put, OperationStage::kTurn);
  std::span<std::byte> payload = put->memory;
  if (put->staging.size() > 0) {
    std::copy(payload.begin(), payload.end(), put->staging.span().begin());
    payload = put->staging.span().first(payload.size());
  }
  // Over the placement too: a payload that is read from the wrong place is damaged, not somebody else's.
  put->checksum = PayloadChecksum(put->key, put->placement, payload);
  put->transfer.Start(IoRequest::Op::kWrite, parts_->header.layout, put->placement, payload, payload.size(),
                      parts_->device, [this, put] { Written(put); });
}

void Puts::Written(Operation* put) {
  parts_->timer.End(put, OperationStage::kWrite);
  parts_->turns.End(Operation::Kind::kPut, &put->staging);
  parts_->statistics.device_bytes_written += put->transfer.device_bytes();
  absl::Status status = put->transfer.status();
  if (!status.ok()) ++parts_->statistics.write_errors;
  if (status.ok()) status = parts_->commits.failure();
  if (status.ok()) return Publish(put);
  if (!absl::IsDataLoss(status) || !parts_->commits.failure().ok()) {
    parts_->entries.GiveBack(put->placement);  // at once: no record names these blocks
  } else if (TryElsewhere(put)) {
    return;
  }
  Fail(put, std::move(status));
}

bool Puts::TryElsewhere(Operation* put) {
  if (!parts_->entries.Quarantine(put->placement)) {
    parts_->entries.GiveBack(put->placement);
    return false;
  }
  if (++put->bad_places == kPlacesMax) return false;
  put->room = {.wanted = put->room.wanted, .arrival = put->room.arrival};
  parts_->turns.Await(put);
  return true;
}

void Puts::Publish(Operation* put) {
  const auto payload_bytes = static_cast<uint32_t>(put->payload_bytes);
  parts_->entries.Publish(put->key, put->placement, payload_bytes, put->checksum, put->room.arrival);
  ++parts_->statistics.stored;
  parts_->statistics.payload_bytes_written += payload_bytes;
  parts_->lines.Leave(put);
  parts_->commits.Acknowledge(put, put->put_options.durability);
}

// --- Invariants ---------------------------------------------------------------------------

void Puts::CheckInvariants() const {
  room_.CheckInvariants();
  const std::deque<Operation*>& line = parts_->turns.waiting(Operation::Kind::kPut);
  CHECK_LE(prepared_, line.size());
  CHECK_EQ(prepared_, claims_.entries);
  uint64_t claimed = 0;
  for (size_t i = 0; i < prepared_; ++i) claimed += line[i]->room.wanted;
  CHECK_EQ(claimed, claims_.size);
  CHECK(!stuck_ || !line.empty());
}

}  // namespace slotwise
