// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_EVICTOR_H_
#define SLOTWISE_RAWBLOCK_EVICTION_EVICTOR_H_

#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "rawblock/eviction/eviction_policy.h"
#include "rawblock/log/index.h"

namespace slotwise {

// How much of a store stays free, as parts of its capacity, so that a put finds room
// without waiting for evictions to be durable.
struct Watermarks {
  double low = 1.0 / 1024;
  double high = 2.0 / 1024;

  // Neither is negative, low <= high <= 1/4. InvalidArgument, naming the value, if not.
  absl::Status Validate() const;
};

// Chooses what a store gives up to make room (docs/decisions/0030). The policy says
// which entries are cold, the allocator which of them help; here both are weighed. The
// same class serves a RawBlockCore and the simulations of one. One thread.
class Evictor {
 public:
  // How much room the end of an entry makes; nullopt if there is no such entry, if it
  // may not go, or if it would not help.
  using Gain = absl::FunctionRef<std::optional<uint64_t>(EntryId)>;

  // `policy` is borrowed.
  explicit Evictor(EvictionPolicy* policy) : policy_(policy) {}

  // Gives up one entry for `arrival`, which found no room, `evicted` having been given
  // up for it so far, in the unit of its size: the coldest that helps and fits, which is
  // to say that no more than FittingMax goes with it. So a
  // small payload does not cost a large one while small ones are about as cold; but
  // after kMisfitsMax that do not fit, or when nothing does, the coldest go whatever their size.
  //
  // When the policy finds none among its coldest candidates, entries are asked by
  // number, kNumbersMax of them below `id_limit`, from where the last such search ended.
  // That finds what is rare among many, such as the payloads of one region. nullopt if
  // none of these helps either: after SearchesOf(id_limit) calls all have been asked.
  std::optional<EntryId> Evict(const Arrival& arrival, uint64_t evicted, EntryId id_limit, Gain gain);

  // The same ahead of demand, after `arrival` found room, when less is free than the high
  // watermark; `low`: less than the low one. Above that only what fits goes, if it is
  // among the kMisfitsMax coldest that help, or nearly; below, the coldest, as by Evict,
  // up to kAheadMax times the arrival's size. nullopt: enough for this time.
  std::optional<EntryId> EvictAhead(const Arrival& arrival, uint64_t evicted, bool low, EntryId id_limit, Gain gain);

  // The most that may be given up for an arrival of `size` while smaller entries are about as cold.
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
