// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_LFU_POLICY_H_
#define SLOTWISE_RAWBLOCK_EVICTION_LFU_POLICY_H_

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "rawblock/eviction/entry_lists.h"
#include "rawblock/eviction/eviction_policy.h"

namespace slotwise {

// Least frequently used first; of equals, the one that has had its frequency
// longest. An entry that comes has frequency 1, whatever it had when it left.
//
// All entries are in one list, by frequency and then by age, and the newest of
// each frequency is known, so that a use moves an entry behind the last one of
// the next frequency. 16 bytes an entry and 40 per frequency that occurs;
// everything is O(1) but for the candidates that Evict must pass over.
class LfuPolicy : public EvictionPolicy {
 public:
  void Track(EntryId id, const Arrival& arrival) override;
  void Touch(EntryId id) override;
  void Untrack(EntryId id) override;
  std::optional<EntryId> Evict(const Arrival& arrival, absl::FunctionRef<bool(EntryId)> accept) override;
  void CheckInvariants() const override;

 private:
  void LeaveFrequency(EntryId id, uint64_t frequency);

  EntryLists order_{1};
  std::deque<uint64_t> frequencies_;               // by id
  absl::flat_hash_map<uint64_t, EntryId> newest_;  // by frequency
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_EVICTION_LFU_POLICY_H_
