// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_ARC_POLICY_H_
#define SLOTWISE_RAWBLOCK_EVICTION_ARC_POLICY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>

#include "absl/functional/function_ref.h"
#include "rawblock/eviction/entry_lists.h"
#include "rawblock/eviction/eviction_policy.h"
#include "rawblock/eviction/ghost_queue.h"

namespace slotwise {

// ARC, the Adaptive Replacement Cache (Megiddo and Modha, FAST 2003): two lists
// by recency of use, T1 of what was used once and T2 of what was used again, and
// the ghosts B1 and B2 of what they gave up. A wanted key in B1 says that T1 is
// too small, one in B2 that T2 is; `target`, the paper's p, follows, and
// evictions keep T1 at it. T1 and B1 together stay within the capacity c, all
// four within 2c.
//
// Where every size is 1 this is the paper, with a real p that moves by
// max(|B2| / |B1|, 1) or max(|B1| / |B2|, 1), the lengths taken before the key
// leaves its list. Otherwise p and the lengths are sums of sizes, and everything
// reads as before, as in libCacheSim: one eviction forgets one ghost at most,
// however large, and p moves by no less than one unit of the capacity, however
// large the payload. So the bounds hold but for a payload or so, and p is slow
// where payloads are many units large.
//
// 24 bytes an entry, and the ghosts'. Everything is O(1) but for the candidates
// that Evict must pass over. If `accept` refuses all of one list, the other one
// is searched.
class ArcPolicy : public EvictionPolicy {
 public:
  explicit ArcPolicy(uint64_t capacity) : capacity_(capacity) {}

  Arrival Arrive(uint64_t key_hash, uint64_t size) override;
  void Track(EntryId id, const Arrival& arrival) override;
  void Touch(EntryId id) override;
  void Untrack(EntryId id) override;
  std::optional<EntryId> Evict(const Arrival& arrival, absl::FunctionRef<bool(EntryId)> accept) override;
  void CheckInvariants() const override;

 private:
  static constexpr uint32_t kOnce = 0;    // T1 and B1
  static constexpr uint32_t kAgain = 1;   // T2 and B2
  static constexpr uint8_t kUnknown = 0;  // values of Arrival::remembered
  static constexpr uint8_t kInOnce = 1;
  static constexpr uint8_t kInAgain = 2;

  struct State {
    uint64_t key_hash = 0;
    uint64_t size : 60 = 0;
    uint64_t list : 4 = kOnce;
  };
  static_assert(sizeof(State) == 16);

  // By how much a wanted key among the ghosts of `list` moves the target.
  double Step(uint32_t list) const;
  uint32_t ListToShrink(const Arrival& arrival) const;
  void ForgetGhost(bool once_full);
  void Append(uint32_t list, EntryId id);

  const uint64_t capacity_;
  double target_ = 0;
  EntryLists lists_{2};
  std::array<uint64_t, 2> sizes_ = {};
  std::array<GhostQueue, 2> ghosts_ = {GhostQueue(std::numeric_limits<uint64_t>::max()),
                                       GhostQueue(std::numeric_limits<uint64_t>::max())};
  std::deque<State> states_;  // by id
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_EVICTION_ARC_POLICY_H_
