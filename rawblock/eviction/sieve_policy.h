// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_SIEVE_POLICY_H_
#define SLOTWISE_RAWBLOCK_EVICTION_SIEVE_POLICY_H_

#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "rawblock/eviction/entry_lists.h"
#include "rawblock/eviction/eviction_policy.h"

namespace slotwise {

// SIEVE (Zhang et al., NSDI 2024): entries in the order in which they came, a bit
// for each that was used, and a hand that moves from the oldest to the newest
// and then starts over. It clears the bits that it passes and evicts the first
// entry without one. New entries do not move the hand.
//
// 8 bytes and a bit per entry. Track, Touch and Untrack are O(1); so is Evict,
// amortised: each bit that it clears was set by a Touch. The hand passes what
// `accept` refuses as if it had been used, and goes round twice at most.
class SievePolicy : public EvictionPolicy {
 public:
  void Track(EntryId id, const Arrival& arrival) override;
  void Touch(EntryId id) override;
  void Untrack(EntryId id) override;
  std::optional<EntryId> Evict(const Arrival& arrival, absl::FunctionRef<bool(EntryId)> accept) override;
  void CheckInvariants() const override;

 private:
  EntryId MoveHand();

  EntryLists order_{1};
  EntryId hand_ = EntryLists::kNone;  // the next to be looked at; kNone: the oldest
  std::vector<bool> used_;            // by id
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_EVICTION_SIEVE_POLICY_H_
