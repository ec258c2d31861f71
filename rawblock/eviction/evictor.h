// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_EVICTOR_H_
#define SLOTWISE_RAWBLOCK_EVICTION_EVICTOR_H_

#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"
#include "rawblock/eviction/eviction_policy.h"
#include "rawblock/log/index.h"

namespace slotwise {

// Chooses which entries a store evicts to make room (docs/decisions/0030): the policy says which entries are cold, the
// allocator which of them help. The same class serves a RawBlockCore and its simulations. One thread.
class Evictor {
 public:
  // How much room evicting an entry makes; nullopt if there is no such entry, if it may not be evicted, or would not
  // help.
  using Gain = absl::FunctionRef<std::optional<uint64_t>(EntryId)>;

  // `policy` is borrowed.
  explicit Evictor(EvictionPolicy* policy) : policy_(policy) {}

  // Evicts one entry for `arrival`, which found no room; `evicted` is what was evicted for it so far, in the unit of
  // its size. Among the coldest entries that help:
  //
  //   an entry                                            | is
  //   ----------------------------------------------------+---------------------------------------------
  //   fits: at most FittingMax is evicted with it         | evicted, the coldest first
  //   does not fit                                        | passed over, up to kMisfitsMax of them
  //   the coldest, after kMisfitsMax or if none fits      | evicted, whatever its size
  //
  // If the policy finds none that helps among its candidates, entries are asked by number: kNumbersMax of them below
  // `id_limit`, from where the last such search ended. That finds entries that are rare among many, such as those of
  // one region. nullopt if none of these helps; after SearchesOf(id_limit) calls all have been asked.
  std::optional<EntryId> Evict(const Arrival& arrival, uint64_t evicted, EntryId id_limit, Gain gain);

  // Evicts one entry ahead of demand, after `arrival` found room, when less than the high watermark is free; `low`:
  // less than the low one. Above the low watermark only an entry that fits, and only if it is among about kMisfitsMax
  // of the coldest that help. Below it the coldest, as Evict does, up to kAheadMax times the arrival's size. nullopt:
  // enough.
  std::optional<EntryId> EvictAhead(const Arrival& arrival, uint64_t evicted, bool low, EntryId id_limit, Gain gain);

  // The most that may be evicted for an arrival of `size` while smaller entries are about as cold.
  static constexpr uint64_t FittingMax(uint64_t size) { return size + size / 2; }
  static constexpr int kMisfitsMax = 8;
  static constexpr uint64_t kAheadMax = 4;
  static constexpr EntryId kNumbersMax = EntryId{1} << 16;
  static int SearchesOf(EntryId id_limit) { return static_cast<int>(id_limit / kNumbersMax) + 1; }

 private:
  std::optional<EntryId> EvictFitting(const Arrival& arrival, uint64_t room, Gain gain);
  std::optional<EntryId> EvictByNumber(EntryId id_limit, Gain gain);

  EvictionPolicy* const policy_;
  EntryId next_number_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_EVICTION_EVICTOR_H_
