// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_FIFO_POLICY_H_
#define SLOTWISE_RAWBLOCK_EVICTION_FIFO_POLICY_H_

#include <optional>

#include "absl/functional/function_ref.h"
#include "rawblock/eviction/entry_lists.h"
#include "rawblock/eviction/eviction_policy.h"

namespace slotwise {

// First in, first out: use does not matter. 8 bytes an entry; everything is O(1)
// but for the candidates that Evict must pass over.
class FifoPolicy : public EvictionPolicy {
 public:
  void Track(EntryId id, const Arrival& arrival) override;
  void Touch(EntryId id) override;
  void Untrack(EntryId id) override;
  std::optional<EntryId> Evict(const Arrival& arrival, absl::FunctionRef<bool(EntryId)> accept) override;
  void CheckInvariants() const override;

 private:
  EntryLists order_{1};
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_EVICTION_FIFO_POLICY_H_
