// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_LRU_POLICY_H_
#define SLOTWISE_RAWBLOCK_EVICTION_LRU_POLICY_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "rawblock/eviction/entry_lists.h"
#include "rawblock/eviction/eviction_policy.h"

namespace slotwise {

// Least recently used first. Entries of one size are in one list, so that Evict finds the coldest of the right size
// however many entries of other sizes are colder: it asks the coldest of all lists in turn, and gives a list up after
// kRefusalsMax. The first kSizesMax sizes have lists of their own, enough for the slot sizes of a store with classes;
// all others share four lists per doubling. With the time of use, 16 bytes an entry. Track, Touch and Untrack are O(1),
// Evict is O(lists + log(lists) * entries that it asks).
class LruPolicy : public EvictionPolicy {
 public:
  static constexpr int kRefusalsMax = 16;

  void Track(EntryId id, const Arrival& arrival) override;
  void Touch(EntryId id) override;
  void Untrack(EntryId id) override;
  std::optional<EntryId> Evict(const Arrival& arrival, absl::FunctionRef<bool(EntryId)> accept) override;
  void CheckInvariants() const override;

 private:
  static constexpr uint32_t kSizesMax = 48;
  static constexpr uint32_t kSharedLists = 256;

  struct Use {
    uint64_t time : 54;
    uint64_t list : 10;
  };
  // The next entry of a list to be asked.
  struct Candidate {
    uint64_t time;
    EntryId id;
    int refusals = 0;
  };

  uint32_t ListOf(uint64_t size);
  std::vector<Candidate> OldestOfEach() const;
  void Append(EntryId id, uint32_t list);

  EntryLists order_{kSharedLists + kSizesMax};
  absl::flat_hash_map<uint64_t, uint32_t> lists_of_sizes_;
  std::deque<Use> uses_;              // by entry
  std::vector<uint32_t> lists_used_;  // ever
  uint64_t now_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_EVICTION_LRU_POLICY_H_
