// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_ROOM_H_
#define SLOTWISE_RAWBLOCK_CORE_ROOM_H_

#include <cstdint>
#include <optional>

#include "rawblock/eviction/eviction_policy.h"
#include "rawblock/eviction/evictor.h"
#include "rawblock/log/index.h"
#include "slotwise/store_options.h"

namespace slotwise {

// The space that a Room makes room in: a store's, or a simulation's. Sizes are in the unit of the policy's capacity,
// blocks in a store.
class RoomSpace {
 public:
  virtual ~RoomSpace() = default;

  virtual uint64_t capacity() const = 0;
  // What is free now, and what will be once the removals under way are durable.
  virtual uint64_t FreeSoon() const = 0;
  // Every entry's id is below this.
  virtual EntryId id_limit() const = 0;
  // What evicting `id` frees; nullopt if there is no such entry, if it may not go now, or if that would not bring an
  // allocation of `wanted` nearer.
  virtual std::optional<uint64_t> GainOf(EntryId id, uint64_t wanted) const = 0;
  // Whether what Evict removes is free when it returns. If not, an allocation is worth another try only later, so each
  // round evicts as much as is missing; if so, one entry at a time.
  virtual bool FreesAtOnce() const = 0;
  // Removes an entry that the policy has given up. Returns its size.
  virtual uint64_t Evict(EntryId id) = 0;
  // Whether nothing may be evicted ahead of demand now.
  virtual bool Paused() const = 0;
};

// The room that one put needs, and what was done for it so far.
struct RoomRequest {
  uint64_t wanted = 0;  // for the allocator
  Arrival arrival = {};
  uint64_t evicted = 0;
  int evictions = 0;
  int rounds = 0;
  int fruitless_rounds = 0;
  bool waited_for_others = false;
};

// What may free space without another eviction.
struct RoomOutlook {
  bool removals_under_way = false;   // not durable yet
  bool transfers_under_way = false;  // they keep their entries from being evicted
  bool any() const { return removals_under_way || transfers_under_way; }
};

// Makes room by evicting: for a put that found none, and ahead of demand. A RawBlockCore and the capacity simulator
// run this class, so an experiment measures the store's own loop. Which entry goes is the Evictor's choice.
//
// For a put: first it waits for removals under way if they will do. Then it evicts in rounds, what is missing at
// first, and at least a quarter, a half, one and two times what it wants in later rounds; after each the caller tries
// to allocate again. When a round evicts nothing, or kEvictionsMax have gone for it, it waits for what else is under
// way, kFruitlessRoundsMax times, and is refused. Without a policy it waits for removals under way only.
//
// One thread. Policy and space are borrowed.
class Room {
 public:
  // The most entries that are evicted for one put before it is refused.
  static constexpr int kEvictionsMax = 4096;
  // How often a put that can evict nothing waits for other operations.
  static constexpr int kFruitlessRoundsMax = 256;

  // `policy` may be null: then nothing is evicted.
  Room(EvictionPolicy* policy, const Watermarks& watermarks, RoomSpace* space)
      : policy_(policy), evictor_(policy), watermarks_(watermarks), space_(space) {}

  // Evicts for a request that the allocator had no room for. Whether there is hope: allocate again once something has
  // been freed. False: refuse it. While nothing else can make room it asks every entry: O(entries).
  bool MakeRoom(RoomRequest* request, const RoomOutlook& outlook);

  // Evicts ahead of demand, after `request` found room, if less is free than the watermarks say.
  // request->evicted becomes what that evicted.
  void EvictAhead(RoomRequest* request);

  // Asks the space for every entry: what is free soon and what could be evicted are no more than there is. O(entries).
  void CheckInvariants() const;

 private:
  // What the next round evicts for `request`, at least.
  uint64_t RoundTarget(const RoomRequest& request) const;
  void EvictRound(RoomRequest* request, int searches);
  bool EvictOne(RoomRequest* request, int searches);
  bool FreeIsBelow(double watermark) const;

  EvictionPolicy* const policy_;
  Evictor evictor_;
  const Watermarks watermarks_;
  RoomSpace* const space_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_ROOM_H_
