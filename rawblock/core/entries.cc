// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/entries.h"

#include <algorithm>
#include <utility>

#include "glog/logging.h"
#include "rawblock/disk/record.h"
#include "rawblock/eviction/eviction_policies.h"

namespace slotwise {

Entries::Entries(const StoreHeader& header, std::unique_ptr<Index> index, std::unique_ptr<Allocator> allocator,
                 EvictionPolicyKind policy, Journal* journal)
    : block_bytes_(header.layout.block_bytes),
      entries_max_(header.max_entries),
      index_(std::move(index)),
      allocator_(std::move(allocator)),
      policy_(MakeEvictionPolicy(policy, header.layout.data_blocks)),
      journal_(journal),
      removals_(index_.get(), allocator_.get()) {
  for (const Placement& placement : index_->bad()) bad_blocks_ += placement.blocks();
  for (EntryId id = 0; id < index_->id_limit(); ++id) {
    const Entry& entry = index_->entry(id);
    if (!entry.published) continue;
    payload_bytes_ += entry.payload_bytes;
    payload_blocks_ += entry.placement().blocks();
    if (policy_ != nullptr) {
      policy_->Track(id, {.key_hash = index_->HashOf(entry.key()), .size = entry.placement().blocks().value()});
    }
  }
}

// --- In ------------------------------------------------------------------------------

RoomRequest Entries::Arrive(std::string_view key, BlockCount blocks) {
  RoomRequest request{
      .wanted = blocks.value(),
      .arrival = {.key_hash = index_->HashOf(key), .size = allocator_->FootprintOf(blocks).value()},
  };
  if (policy_ != nullptr && !Find(key).has_value()) {
    request.arrival = policy_->Arrive(request.arrival.key_hash, request.arrival.size);
  }
  return request;
}

std::optional<Placement> Entries::Reserve(BlockCount blocks) {
  if (full()) return std::nullopt;
  std::optional<Placement> placement = allocator_->Allocate(blocks);
  if (!placement.has_value()) return std::nullopt;
  ++reservations_;
  reserved_blocks_ += placement->blocks();
  journal_->Promise();
  return placement;
}

void Entries::GiveBack(const Placement& placement) {
  --reservations_;
  reserved_blocks_ -= placement.blocks();
  journal_->Redeem();
  allocator_->Free(placement);
}

void Entries::Publish(std::string_view key, const Placement& placement, uint32_t payload_bytes, uint64_t checksum,
                      const Arrival& arrival) {
  --reservations_;
  reserved_blocks_ -= placement.blocks();
  journal_->Redeem();
  const Lsn lsn = journal_->Append({.type = format::RecordType::kPut,
                                    .key = key,
                                    .placement = placement,
                                    .payload_bytes = payload_bytes,
                                    .checksum = checksum});
  if (const std::optional<EntryId> replaced = Find(key)) {
    if (policy_ != nullptr) policy_->Untrack(*replaced);
    Retire(*replaced, lsn);
  }
  const EntryId id = index_->Insert(key, placement, payload_bytes, checksum);
  if (policy_ != nullptr) policy_->Track(id, arrival);
  payload_bytes_ += payload_bytes;
  payload_blocks_ += placement.blocks();
}

// --- In use ----------------------------------------------------------------------------

void Entries::Touch(EntryId id) {
  if (policy_ != nullptr) policy_->Touch(id);
}

void Entries::BeginRead(EntryId id) { ++index_->entry(id).reads; }

void Entries::EndRead(EntryId id) {
  --index_->entry(id).reads;
  removals_.ReleaseIfUnused(id);
}

Pin Entries::PinEntry(EntryId id) {
  ++index_->entry(id).pins;
  pins_.emplace(++pins_given_, id);
  return Pin(pins_given_);
}

bool Entries::Unpin(Pin pin) {
  const auto held = pins_.find(pin.number());
  if (held == pins_.end()) return false;
  const EntryId id = held->second;
  pins_.erase(held);
  CHECK_GT(index_->entry(id).pins, 0u) << "unpinned more often than pinned";
  --index_->entry(id).pins;
  removals_.ReleaseIfUnused(id);
  return true;
}

// --- Out -------------------------------------------------------------------------------

void Entries::Remove(EntryId id) {
  if (policy_ != nullptr) policy_->Untrack(id);
  JournalRemoval(id);
}

// What is being read may go, too: its blocks wait for the read.
std::optional<uint64_t> Entries::GainOf(EntryId id, uint64_t wanted) const {
  const Entry& entry = index_->entry(id);
  if (!entry.published || entry.pins > 0) return std::nullopt;
  const Placement placement = entry.placement();
  if (wanted != kAnEntry && !allocator_->Helps(placement, BlockCount(wanted))) return std::nullopt;
  return placement.blocks().value();
}

uint64_t Entries::EntriesFreeSoon() const {
  return entries_max_ - std::min(entries_max_, index_->published() + reservations_);
}

uint64_t Entries::Evict(EntryId id) {
  const uint64_t blocks = index_->entry(id).placement().blocks().value();
  ++evictions_;
  evicted_blocks_ += blocks;
  JournalRemoval(id);
  return blocks;
}

void Entries::JournalRemoval(EntryId id) {
  const Entry& entry = index_->entry(id);
  Retire(id, journal_->Append(RemovalRecord(index_->HashOf(entry.key()), entry.placement())));
}

void Entries::Retire(EntryId id, Lsn lsn) {
  const Entry& entry = index_->entry(id);
  payload_bytes_ -= entry.payload_bytes;
  payload_blocks_ -= entry.placement().blocks();
  removals_.Add(id, lsn);
}

// --- Views -------------------------------------------------------------------------------

void Entries::ForEach(absl::FunctionRef<void(const EntryView&)> visit) const {
  for (EntryId id = 0; id < index_->id_limit(); ++id) {
    const Entry& entry = index_->entry(id);
    if (!entry.published) continue;
    const Placement placement = entry.placement();
    visit(
        {.key = entry.key(), .payload_bytes = entry.payload_bytes, .placement = placement, .checksum = entry.checksum});
  }
}

Occupancy Entries::occupancy() const {
  return {.block_bytes = block_bytes_,
          .entries = index_->published(),
          .entries_max = entries_max_,
          .payload_bytes = payload_bytes_,
          .payload_blocks = payload_blocks_.value(),
          .awaiting_free_blocks = removals_.awaiting_free().value(),
          .free_blocks = allocator_->free_blocks().value(),
          .capacity_blocks = allocator_->capacity().value()};
}

void Entries::CheckInvariants() const {
  index_->CheckInvariants();
  allocator_->CheckInvariants();
  if (policy_ != nullptr) policy_->CheckInvariants();
  removals_.CheckInvariants();
  uint64_t pins = 0;
  for (EntryId id = 0; id < index_->id_limit(); ++id) pins += index_->entry(id).pins;
  CHECK_EQ(pins, pins_.size());
  CHECK_EQ(journal_->promised(), reservations_);
  uint64_t payload_bytes = 0;
  BlockCount published;
  ForEach([&](const EntryView& entry) {
    payload_bytes += entry.payload_bytes;
    published += entry.placement.blocks();
  });
  CHECK_EQ(payload_bytes, payload_bytes_);
  CHECK_EQ(published, payload_blocks_);
  BlockCount bad;
  for (const Placement& placement : index_->bad()) bad += placement.blocks();
  CHECK_EQ(bad, bad_blocks_);
  CHECK_EQ(published + removals_.awaiting_free() + reserved_blocks_ + bad_blocks_ + allocator_->free_blocks(),
           allocator_->capacity());
}

}  // namespace slotwise
