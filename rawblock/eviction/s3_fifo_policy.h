// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_S3_FIFO_POLICY_H_
#define SLOTWISE_RAWBLOCK_EVICTION_S3_FIFO_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "absl/functional/function_ref.h"
#include "rawblock/eviction/entry_lists.h"
#include "rawblock/eviction/eviction_policy.h"
#include "rawblock/eviction/ghost_queue.h"

namespace slotwise {

// S3-FIFO (Yang et al., SOSP 2023): three first-in-first-out queues. A new key
// enters the small one, a tenth of the capacity; what is used twice there goes
// on to the main one, and the key of what leaves is remembered as a ghost, up to
// nine tenths of the capacity. A key that is remembered enters the main queue at
// once. That is a clock: what was used is put in again, up to three times.
//
// Evictions are from the main queue while it holds more than the small one
// leaves it, or if that is empty; else from the small one, until an entry leaves
// it or none is left. That is the paper, and S3FIFOv0 of libCacheSim, with two
// exceptions. Its S3FIFO also fills the main queue before the first eviction,
// and both refuse payloads of more than the small queue; here all enter it.
//
// 24 bytes an entry, and the ghosts'. Track, Touch and Untrack are O(1); so is
// Evict, amortised: what moves was used. What `accept` refuses stays in its
// place; if a queue has nothing else, the other one is searched.
class S3FifoPolicy : public EvictionPolicy {
 public:
  explicit S3FifoPolicy(uint64_t capacity);

  Arrival Arrive(uint64_t key_hash, uint64_t size) override;
  void Track(EntryId id, const Arrival& arrival) override;
  void Touch(EntryId id) override;
  void Untrack(EntryId id) override;
  std::optional<EntryId> Evict(const Arrival& arrival, absl::FunctionRef<bool(EntryId)> accept) override;
  void CheckInvariants() const override;

 private:
  static constexpr uint32_t kSmall = 0;
  static constexpr uint32_t kMain = 1;
  static constexpr uint64_t kFrequencyMax = 3;
  static constexpr uint64_t kPromotedFrom = 2;

  struct State {
    uint64_t key_hash = 0;
    uint64_t size : 60 = 0;
    uint64_t frequency : 2 = 0;
    uint64_t queue : 2 = kSmall;
  };
  static_assert(sizeof(State) == 16);

  std::optional<EntryId> EvictSmall(size_t* candidates, absl::FunctionRef<bool(EntryId)> accept);
  std::optional<EntryId> EvictMain(size_t* candidates, absl::FunctionRef<bool(EntryId)> accept);
  void MoveToMain(EntryId id);

  const uint64_t main_size_max_;
  EntryLists queues_{2};
  uint64_t main_size_ = 0;
  std::deque<State> states_;  // by id
  GhostQueue ghosts_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_EVICTION_S3_FIFO_POLICY_H_
