// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_BELADY_POLICY_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_BELADY_POLICY_H_

#include <compare>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>

#include "absl/container/btree_map.h"
#include "absl/functional/function_ref.h"
#include "rawblock/eviction/eviction_policy.h"

namespace slotwise {

// Belady's MIN (IBM Systems Journal, 1966): the entry whose next request is
// furthest away leaves. With sizes of 1 nothing misses less often that inserts
// on every miss; with others it is a yardstick, not a bound.
//
// An entry that is never requested again is furthest of all; of several, the one
// used longest ago leaves first. About 25 bytes an entry; everything is
// O(log entries) but for the candidates that Evict must pass over.
class BeladyPolicy : public EvictionPolicy {
 public:
  static constexpr uint32_t kNever = std::numeric_limits<uint32_t>::max();

  // The future: the next Touch or Track is the `now`th request, and what it is
  // for will be requested again as the `next`th. REQUIRES: `now` grows.
  void SetRequest(uint32_t now, uint32_t next);

  void Track(EntryId id, const Arrival& arrival) override;
  void Touch(EntryId id) override;
  void Untrack(EntryId id) override;
  std::optional<EntryId> Evict(const Arrival& arrival, absl::FunctionRef<bool(EntryId)> accept) override;
  void CheckInvariants() const override;

 private:
  struct Use {
    uint32_t sooner = 0;  // kNever - the next request
    uint32_t last = 0;

    friend auto operator<=>(const Use&, const Use&) = default;
  };

  Use request_;
  absl::btree_map<Use, EntryId> order_;  // the furthest first
  std::deque<Use> uses_;                 // by id
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_BELADY_POLICY_H_
