// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_ROOM_H_
#define SLOTWISE_RAWBLOCK_CORE_ROOM_H_

#include <cstdint>
#include <limits>
#include <optional>

#include "rawblock/eviction/eviction_policy.h"
#include "rawblock/eviction/evictor.h"
#include "rawblock/log/index.h"
#include "slotwise/store_options.h"

namespace slotwise {

// The space that a Room makes room in: a store's, or a simulation's. Sizes are in the unit of the policy's capacity,
// blocks in a store. A payload takes two resources: space, and an entry of those that the store may hold at most.
class RoomSpace {
 public:
  virtual ~RoomSpace() = default;

  virtual uint64_t capacity() const = 0;
  // What is free now, and what will be once the removals under way are durable.
  virtual uint64_t FreeSoon() const = 0;
  // The most entries, how many more than now there may be once the removals under way are durable, and whether there
  // may be none more now. Without an override there is no limit.
  virtual uint64_t entries_max() const { return std::numeric_limits<uint64_t>::max(); }
  virtual uint64_t EntriesFreeSoon() const { return std::numeric_limits<uint64_t>::max(); }
  virtual bool EntriesUsedUp() const { return false; }
  // Every entry's id is below this.
  virtual EntryId id_limit() const = 0;
  // What space evicting `id` frees; nullopt if there is no such entry, if it may not go now, or if that would not bring
  // an allocation of `wanted` nearer. With kAnEntry instead of a size every entry that may go brings that nearer.
  static constexpr uint64_t kAnEntry = 0;
  virtual std::optional<uint64_t> GainOf(EntryId id, uint64_t wanted) const = 0;
  // Whether what Evict removes is free when it returns. If not, an allocation is worth another try only later, so each
  // round evicts as much as is missing; if so, one entry at a time.
  virtual bool FreesAtOnce() const = 0;
  // Removes an entry that the policy has given up. Returns its size.
  virtual uint64_t Evict(EntryId id) = 0;
  // Whether nothing may be evicted now.
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

// What is claimed already by those that will be served before a request.
struct RoomClaims {
  uint64_t size = 0;
  uint64_t entries = 0;
};

// What may free space without another eviction.
struct RoomOutlook {
  bool removals_under_way = false;   // not durable yet
  bool transfers_under_way = false;  // of payloads that are no entry yet, or no longer
  bool any() const { return removals_under_way || transfers_under_way; }
};

// Makes room by evicting: for a put that found none, and ahead of demand. A RawBlockCore and the capacity simulator
// run this class, so an experiment measures the store's own loop. Which entry goes is the Evictor's choice.
//
// For a put: first it waits for removals under way if they will do. Then it evicts in rounds, what is missing at
// first, and at least a quarter, a half, one and two times what it wants in later rounds; after each the caller tries
// to allocate again. When a round evicts nothing, or kEvictionsMax have gone for it, it waits for what else is under
// way, kFruitlessRoundsMax times, and is refused. Without a policy it waits for removals under way only. If no more
// entries may be held, a round evicts one, whichever is coldest, and space only as far as less is free than wanted.
//
// One thread. Policy and space are borrowed.
class Room {
 public:
  // The most entries that are evicted for one put before it is refused.
  static constexpr int kEvictionsMax = 4096;
  // How often a put that can evict nothing waits for other operations.
  static constexpr int kFruitlessRoundsMax = 256;
  // The most that are evicted ahead of demand, with each put, so that the next ones find an entry.
  static constexpr int kEntriesAheadMax = 2;

  // `policy` may be null: then nothing is evicted.
  Room(EvictionPolicy* policy, const Watermarks& watermarks, RoomSpace* space)
      : policy_(policy), evictor_(policy), watermarks_(watermarks), space_(space) {}

  // Evicts for a request that the allocator had no room for. Whether there is hope: allocate again once something has
  // been freed. False: refuse it. While nothing else can make room it asks every entry: O(entries).
  bool MakeRoom(RoomRequest* request, const RoomOutlook& outlook);

  // Evicts for a request that is not the first in line what will be missing for it when those before it have taken
  // what they claim: so that all who wait need not wait one after the other. What that is, is known by size only, so
  // MakeRoom may still have to follow. False if not enough may go now.
  bool PrepareRoom(RoomRequest* request, const RoomClaims& claims);

  // Evicts ahead of demand, after `request` found room, if less space or fewer entries are free than the watermarks
  // say. request->evicted becomes what that evicted.
  void EvictAhead(RoomRequest* request);

  // Asks the space for every entry: what is free soon and what could be evicted are no more than there is. O(entries).
  void CheckInvariants() const;

 private:
  // The space that is missing for `request`.
  uint64_t Missing(const RoomRequest& request, const RoomClaims& claims) const;
  // What the next round evicts for `request`, at least.
  uint64_t RoundTarget(const RoomRequest& request) const;
  void EvictRound(RoomRequest* request, int searches);
  void EvictAtLeast(RoomRequest* request, uint64_t size, int searches);
  // `wanted` as of RoomSpace::GainOf.
  bool EvictOne(RoomRequest* request, uint64_t wanted, int searches);
  void EvictEntriesAhead(RoomRequest* request);
  bool FreeIsBelow(double watermark) const;
  bool EntriesAreBelow(double watermark) const;

  EvictionPolicy* const policy_;
  Evictor evictor_;
  const Watermarks watermarks_;
  RoomSpace* const space_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_ROOM_H_
