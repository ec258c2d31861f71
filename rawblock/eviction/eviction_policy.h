// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_EVICTION_POLICY_H_
#define SLOTWISE_RAWBLOCK_EVICTION_EVICTION_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"
#include "rawblock/log/index.h"

namespace slotwise {

// A payload that is about to enter, as a policy sees it: a plain value that the
// caller carries from Arrive to Evict and Track.
struct Arrival {
  uint64_t key_hash = 0;
  uint64_t size = 0;       // in the unit of the policy's capacity
  uint8_t remembered = 0;  // which list of gone keys knew it; the policy's own
};

// Decides which entries a full store evicts. Knows ids, their sizes and use, and hashes of keys; neither space nor
// device. One thread.
//
// A hit is a Touch. A miss that enters is an Arrive, an Evict for each entry that must go, and a Track. If `accept`
// allows everything, that is exactly the published algorithm; each policy says how it deals with refusals.
class EvictionPolicy {
 public:
  // Evict gives up after this many refusals.
  static constexpr size_t kCandidatesMax = 1024;

  virtual ~EvictionPolicy() = default;

  // A payload that is not tracked is about to enter: called once, before the evictions made for it. Policies that
  // remember evicted keys look it up, and learn.
  virtual Arrival Arrive(uint64_t key_hash, uint64_t size) { return {.key_hash = key_hash, .size = size}; }

  // Adds an entry. An arrival without a call of Arrive stands for an unknown key.
  // REQUIRES: not tracked.
  virtual void Track(EntryId id, const Arrival& arrival) = 0;
  // The entry was used. REQUIRES: tracked.
  virtual void Touch(EntryId id) = 0;
  // The entry is gone for another reason. REQUIRES: tracked.
  virtual void Untrack(EntryId id) = 0;

  // Evicts the coldest entry that `accept` allows and stops tracking it; nullopt if a bounded search finds none.
  // `arrival` is the payload that needs the room, or empty.
  virtual std::optional<EntryId> Evict(const Arrival& arrival, absl::FunctionRef<bool(EntryId)> accept) = 0;

  virtual void CheckInvariants() const = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_EVICTION_EVICTION_POLICY_H_
