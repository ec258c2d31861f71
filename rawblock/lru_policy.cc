// SPDX-License-Identifier: Apache-2.0
#include "rawblock/lru_policy.h"

namespace slotwise {
void LruPolicy::Track(EntryId id, const Arrival& /*arrival*/) { order_.Append(0, id); }

void LruPolicy::Touch(EntryId id) {
  order_.Remove(id);
  order_.Append(0, id);
}

void LruPolicy::Untrack(EntryId id) { order_.Remove(id); }

std::optional<EntryId> LruPolicy::Evict(const Arrival& /*arrival*/, absl::FunctionRef<bool(EntryId)> accept) {
  size_t candidates = kCandidatesMax;
  const std::optional<EntryId> victim = order_.FindOldest(0, &candidates, accept);
  if (victim.has_value()) Untrack(*victim);
  return victim;
}

void LruPolicy::CheckInvariants() const { order_.CheckInvariants(); }

}  // namespace slotwise
