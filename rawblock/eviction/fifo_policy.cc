// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/fifo_policy.h"

#include "glog/logging.h"

namespace slotwise {
void FifoPolicy::Track(EntryId id, const Arrival& /*arrival*/) { order_.Append(0, id); }

void FifoPolicy::Touch(EntryId id) { CHECK(order_.Contains(id)); }

void FifoPolicy::Untrack(EntryId id) { order_.Remove(id); }

std::optional<EntryId> FifoPolicy::Evict(const Arrival& /*arrival*/, absl::FunctionRef<bool(EntryId)> accept) {
  size_t candidates = kCandidatesMax;
  const std::optional<EntryId> victim = order_.FindOldest(0, &candidates, accept);
  if (victim.has_value()) Untrack(*victim);
  return victim;
}

void FifoPolicy::CheckInvariants() const { order_.CheckInvariants(); }

}  // namespace slotwise
