// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/puts.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "rawblock/disk/checksum.h"

namespace slotwise {

void Puts::Start(Operation* put) {
  ++parts_->statistics.puts;
  parts_->timer.Begin(put);
  if (absl::Status status = Check(*put); !status.ok()) return parts_->operations.Complete(put, std::move(status));
  Admit(put);
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

void Puts::Admit(Operation* put) {
  if (!parts_->commits.failure().ok()) return parts_->operations.Complete(put, parts_->commits.failure());
  if (const auto it = by_key_.find(put->key); it != by_key_.end()) {
    it->second->followers.push_back(put);
    return;
  }
  const std::optional<EntryId> stored = parts_->entries.Find(put->key);
  if (stored.has_value() && !put->put_options.replace) return KeepStored(put, *stored);
  by_key_.emplace(put->key, put);
  put->room = parts_->entries.Arrive(put->key, parts_->header.layout.BlocksFor(put->payload_bytes));
  parts_->turns.Await(put);
}

void Puts::KeepStored(Operation* put, EntryId stored) {
  parts_->entries.Touch(stored);
  ++parts_->statistics.already_stored;
  put->outcome = PutOutcome::kAlreadyStored;
  Acknowledge(put);
}

// Behind those that wait for room already: a small put must not take what a large one waits for.
void Puts::Place(Operation* put) {
  if (awaiting_room_.empty() && TryPlace(put)) return;
  awaiting_room_.push_back(put);
  ++arrived_;
}

bool Puts::TryPlace(Operation* put) {
  if (parts_->commits.Behind()) return false;
  const std::optional<Placement> placement = parts_->entries.Reserve(BlockCount(put->room.wanted));
  if (!placement.has_value()) return false;
  put->placement = *placement;
  put->room.arrival.size = placement->blocks().value();
  // Now, so that the evictions are durable by the time that the next put needs their room.
  room_.EvictAhead(&put->room);
  Write(put);
  return true;
}

void Puts::Write(Operation* put) {
  put->staging = parts_->turns.Take(put->memory.data(), put->payload_bytes);
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
  parts_->turns.End(&put->staging);
  parts_->statistics.device_bytes_written += put->transfer.device_bytes();
  absl::Status status = put->transfer.status();
  if (!status.ok()) ++parts_->statistics.write_errors;
  if (status.ok()) status = parts_->commits.failure();
  if (status.ok()) return Publish(put);
  // At once: no record names these blocks.
  parts_->entries.GiveBack(put->placement);
  ReleaseKey(put);
  parts_->operations.Complete(put, std::move(status));
}

void Puts::Publish(Operation* put) {
  const auto payload_bytes = static_cast<uint32_t>(put->payload_bytes);
  parts_->entries.Publish(put->key, put->placement, payload_bytes, put->checksum, put->room.arrival);
  ++parts_->statistics.stored;
  parts_->statistics.payload_bytes_written += payload_bytes;
  Acknowledge(put);
  ReleaseKey(put);
}

void Puts::Acknowledge(Operation* put) {
  if (put->put_options.durability == Durability::kDurable) return parts_->commits.Await(put);
  parts_->operations.Complete(put, absl::OkStatus());
}

void Puts::ReleaseKey(Operation* put) {
  CHECK_EQ(by_key_.erase(put->key), 1u);
  std::vector<Operation*> followers;
  followers.swap(put->followers);
  for (Operation* follower : followers) Admit(follower);
}

// --- Puts that found no room -----------------------------------------------------------

Puts::Chances Puts::chances() const {
  return {.arrived = arrived_,
          .entries_freed = parts_->entries.removals().freed(),
          .turns_ended = parts_->turns.ended(),
          .commits = parts_->commits.groups_started(),
          .checkpoints = parts_->commits.checkpoints(),
          .durable_end = parts_->journal.durable_end(),
          .failed = !parts_->commits.failure().ok()};
}

void Puts::RetryPlacements() {
  if (awaiting_room_.empty()) return;
  const Chances now = chances();
  if (now == chances_seen_) return;
  chances_seen_ = now;
  std::deque<Operation*> waiting;
  waiting.swap(awaiting_room_);
  for (Operation* put : waiting) RetryPlacement(put);
}

void Puts::RetryPlacement(Operation* put) {
  if (const absl::Status& failure = parts_->commits.failure(); !failure.ok()) {
    ReleaseKey(put);
    return parts_->operations.Complete(put, failure);
  }
  if (parts_->turns.Available(put->memory.data(), put->payload_bytes)) {
    if (TryPlace(put)) return;
    if (!parts_->commits.Behind() && !MakeRoom(put)) return Refuse(put);
  }
  awaiting_room_.push_back(put);
}

// What was evicted is room only once it is durable; until then there is nothing to decide.
bool Puts::MakeRoom(Operation* put) {
  if (put->awaited > parts_->journal.durable_end()) return true;
  const bool hope = room_.MakeRoom(&put->room, {.removals_under_way = !parts_->entries.removals().empty(),
                                                .transfers_under_way = parts_->turns.taken() > 0});
  put->awaited = parts_->journal.next_lsn();
  return hope;
}

void Puts::Refuse(Operation* put) {
  const bool entries_full = parts_->entries.full();
  ++(entries_full ? parts_->statistics.refused_no_entry : parts_->statistics.refused_no_space);
  ReleaseKey(put);
  const std::string reason =
      entries_full ? absl::StrCat("the store holds its ", parts_->header.max_entries,
                                  " entries already, and eviction freed none")
                   : absl::StrCat("no room for a payload of ", put->payload_bytes, " bytes, and eviction made none");
  parts_->operations.Complete(put, absl::ResourceExhaustedError(reason));
}

// --- Invariants ---------------------------------------------------------------------------

size_t Puts::CountFollowers() const {
  size_t followers = 0;
  for (const auto& [key, put] : by_key_) followers += put->followers.size();
  return followers;
}

// The first put of each key is in one place: in line for a turn, waiting for room, or being written.
void Puts::CheckInvariants() const {
  room_.CheckInvariants();
  for (const auto& [key, put] : by_key_) {
    CHECK(put->key == key);
    CHECK(put->kind == Operation::Kind::kPut);
  }
  CHECK_EQ(by_key_.size(),
           parts_->turns.CountWaiting(Operation::Kind::kPut) + awaiting_room_.size() + parts_->entries.reservations());
}

}  // namespace slotwise
