// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_LRU_POLICY_H_
#define SLOTWISE_RAWBLOCK_LRU_POLICY_H_

#include <cstddef>
#include <deque>
#include <optional>

#include "rawblock/eviction_policy.h"

namespace slotwise {

// Least recently used first. A doubly linked list through an array of ids, 8
// bytes each; Track, Touch and Untrack are O(1), Evict looks at no more than
// kCandidatesMax entries.
class LruPolicy : public EvictionPolicy {
 public:
  static constexpr size_t kCandidatesMax = 16384;

  void Track(EntryId id) override;
  void Touch(EntryId id) override;
  void Untrack(EntryId id) override;
  std::optional<EntryId> Evict(absl::FunctionRef<bool(EntryId)> accept) override;
  void CheckInvariants() const override;

 private:
  // Ids are stored plus one; position 0 is the list's head and tail at once:
  // its `newer` is the coldest entry and its `older` the hottest.
  struct Link {
    uint32_t older = kUntracked;
    uint32_t newer = kUntracked;
  };
  static constexpr uint32_t kUntracked = ~uint32_t{0};

  void LinkHottest(uint32_t position);
  void Unlink(uint32_t position);

  std::deque<Link> links_ = {Link{.older = 0, .newer = 0}};
  size_t tracked_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_LRU_POLICY_H_
