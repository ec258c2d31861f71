// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_GDSF_POLICY_H_
#define SLOTWISE_RAWBLOCK_EVICTION_GDSF_POLICY_H_

#include <compare>
#include <cstdint>
#include <deque>
#include <optional>

#include "absl/container/btree_map.h"
#include "absl/functional/function_ref.h"
#include "rawblock/eviction/eviction_policy.h"

namespace slotwise {

// Greedy-Dual-Size-Frequency (Cherkasova, HPL-98-69, 1998): the entry of the
// least worth leaves. Its worth is H = L + frequency * 1e6 / size when it enters,
// with frequency 1, and again whenever it is used; L is the H of the last entry
// that was evicted, so that what was once used much ages. Of equals, the one
// that has had its H longest leaves first.
//
// A newcomer's H is set by Track, with the L that the evictions made for it have
// left, and it is never one of them. Newer versions of libCacheSim insert first:
// there a newcomer has the L from before these evictions and may be one of them,
// so it misses at other times.
//
// A size of 0 counts as 1. About 70 bytes an entry; everything is O(log entries)
// but for the candidates that Evict must pass over.
class GdsfPolicy : public EvictionPolicy {
 public:
  void Track(EntryId id, const Arrival& arrival) override;
  void Touch(EntryId id) override;
  void Untrack(EntryId id) override;
  std::optional<EntryId> Evict(const Arrival& arrival, absl::FunctionRef<bool(EntryId)> accept) override;
  void CheckInvariants() const override;

 private:
  struct Rank {
    double worth = 0;
    uint64_t since = 0;

    friend auto operator<=>(const Rank&, const Rank&) = default;
  };
  struct State {
    Rank rank;
    uint64_t size = 0;
    uint64_t frequency = 0;  // 0: not tracked
  };

  void InsertRanked(EntryId id);

  double worth_evicted_ = 0;
  uint64_t ranked_ = 0;  // how often
  absl::btree_map<Rank, EntryId> order_;
  std::deque<State> states_;  // by id
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_EVICTION_GDSF_POLICY_H_
