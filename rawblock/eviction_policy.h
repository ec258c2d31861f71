// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_POLICY_H_
#define SLOTWISE_RAWBLOCK_EVICTION_POLICY_H_

#include <optional>

#include "absl/functional/function_ref.h"
#include "rawblock/index.h"

namespace slotwise {

// Decides which entries a full store gives up. It knows ids and their use, not
// keys, space or the device. One thread.
class EvictionPolicy {
 public:
  virtual ~EvictionPolicy() = default;

  // A new entry. REQUIRES: not tracked.
  virtual void Track(EntryId id) = 0;
  // The entry was used. REQUIRES: tracked.
  virtual void Touch(EntryId id) = 0;
  // The entry is gone for another reason. REQUIRES: tracked.
  virtual void Untrack(EntryId id) = 0;

  // Gives up the coldest entry that `accept` allows and stops tracking it;
  // nullopt when there is none among the candidates that a bounded search sees.
  virtual std::optional<EntryId> Evict(absl::FunctionRef<bool(EntryId)> accept) = 0;

  virtual void CheckInvariants() const = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_EVICTION_POLICY_H_
