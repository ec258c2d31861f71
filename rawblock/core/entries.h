// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_ENTRIES_H_
#define SLOTWISE_RAWBLOCK_CORE_ENTRIES_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "allocator/allocator.h"
#include "allocator/extent.h"
#include "rawblock/core/removals.h"
#include "rawblock/core/room.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/eviction/eviction_policy.h"
#include "rawblock/log/index.h"
#include "rawblock/log/journal.h"
#include "rawblock/log/recovery.h"
#include "slotwise/statistics.h"
#include "slotwise/store_options.h"

namespace slotwise {

// A published entry, for callers that enumerate.
struct EntryView {
  std::string_view key;
  uint64_t payload_bytes;
  const Placement& placement;
  uint64_t checksum;
};

// What a core stores: the index, the blocks, the order of eviction, and the journal that tells of every change to them.
// They change together and only here.
//
//   Reserve, then Publish    a put's blocks, its place in the index and room for its record, until the entry can be
//                            found
//   Reserve, then GiveBack   the same, if its payload could not be written
//   Remove, Evict            the entry cannot be found from now on; its blocks are free once its removal is durable and
//                            nobody reads or pins it (see Removals)
//
// Whoever reserves, removes or evicts sees first that the journal has room (Paused). An entry that is being read may be
// removed and evicted; one that is pinned is not evicted.
//
// As a RoomSpace it is what a Room evicts from; what is removed counts as free soon. One thread; `journal` is borrowed.
class Entries final : public RoomSpace {
 public:
  Entries(const StoreHeader& header, std::unique_ptr<Index> index, std::unique_ptr<Allocator> allocator,
          EvictionPolicyKind policy, Journal* journal);

  std::optional<EntryId> Find(std::string_view key) const { return index_->Find(key); }
  const Entry& entry(EntryId id) const { return index_->entry(id); }

  // What a payload of `blocks` under `key` asks of a Room; told to the policy if the key is not there.
  RoomRequest Arrive(std::string_view key, BlockCount blocks);
  // Whether every entry that the store may hold is taken or reserved.
  bool full() const { return index_->size() + reservations_ >= entries_max_; }
  // Blocks for one more entry, which also becomes one that the store may hold and one whose record the journal has room
  // for; nullopt if there is no entry or space for it. REQUIRES: !Paused(). O(allocation).
  std::optional<Placement> Reserve(BlockCount blocks);
  // REQUIRES: `placement` came from Reserve, and no record names it.
  void GiveBack(const Placement& placement);
  // Journals the entry and makes it the one of its key. A payload that it replaces needs no record of its own: this one
  // supersedes it, so its blocks wait for this one. REQUIRES: as GiveBack, and the payload has been written.
  void Publish(std::string_view key, const Placement& placement, uint32_t payload_bytes, uint64_t checksum,
               const Arrival& arrival);

  // The entry was used.
  void Touch(EntryId id);
  // Its blocks stay from BeginRead to EndRead, and from Pin to Unpin.
  void BeginRead(EntryId id);
  void EndRead(EntryId id);
  Pin PinEntry(EntryId id);
  // False if `pin` is not held: it was never given, or is given back already.
  bool Unpin(Pin pin);

  // REQUIRES: `id` is published; !Paused().
  void Remove(EntryId id);
  // Frees what is removed as far as the journal is durable.
  void FinishDurable() { removals_.FinishDurable(journal_->durable_end()); }

  // A RoomSpace, in blocks.
  uint64_t capacity() const override { return allocator_->capacity().value(); }
  uint64_t FreeSoon() const override { return (allocator_->free_blocks() + removals_.awaiting_free()).value(); }
  uint64_t entries_max() const override { return entries_max_; }
  uint64_t EntriesFreeSoon() const override;
  bool EntriesUsedUp() const override { return full(); }
  EntryId id_limit() const override { return index_->id_limit(); }
  std::optional<uint64_t> GainOf(EntryId id, uint64_t wanted) const override;
  bool FreesAtOnce() const override { return false; }
  uint64_t Evict(EntryId id) override;
  bool Paused() const override { return !journal_->HasRoom(); }

  const Index& index() const { return *index_; }
  const Allocator& allocator() const { return *allocator_; }
  const Removals& removals() const { return removals_; }
  EvictionPolicy* policy() const { return policy_.get(); }  // null: nothing is evicted
  uint64_t reservations() const { return reservations_; }
  uint64_t unpins() const { return pins_given_ - pins_.size(); }
  uint64_t evictions() const { return evictions_; }
  uint64_t evicted_blocks() const { return evicted_blocks_; }
  Occupancy occupancy() const;

  // Calls `visit` for every published entry, in no particular order. O(entries).
  void ForEach(absl::FunctionRef<void(const EntryView&)> visit) const;

  // Recounts everything by walking the index. O(store).
  void CheckInvariants() const;

 private:
  void JournalRemoval(EntryId id);
  // Unpublishes `id`, whose end is the record at `lsn`.
  void Retire(EntryId id, Lsn lsn);

  const uint32_t block_bytes_;
  const uint64_t entries_max_;
  const std::unique_ptr<Index> index_;
  const std::unique_ptr<Allocator> allocator_;
  const std::unique_ptr<EvictionPolicy> policy_;
  Journal* const journal_;
  Removals removals_;
  absl::flat_hash_map<uint64_t, EntryId> pins_;  // that are held, by number
  uint64_t pins_given_ = 0;

  uint64_t reservations_ = 0;
  BlockCount reserved_blocks_;
  BlockCount bad_blocks_;       // writes to them fail
  uint64_t payload_bytes_ = 0;  // of published entries; so with the next
  BlockCount payload_blocks_;
  uint64_t evictions_ = 0;
  uint64_t evicted_blocks_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_ENTRIES_H_
