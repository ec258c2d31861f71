// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/sieve_policy.h"

#include "glog/logging.h"

namespace slotwise {
void SievePolicy::Track(EntryId id, const Arrival& /*arrival*/) {
  order_.Append(0, id);
  if (used_.size() <= id) used_.resize(size_t{id} + 1);
  used_[id] = false;
}

void SievePolicy::Touch(EntryId id) {
  CHECK(order_.Contains(id));
  used_[id] = true;
}

void SievePolicy::Untrack(EntryId id) {
  if (hand_ == id) hand_ = order_.newer(id);
  order_.Remove(id);
}

std::optional<EntryId> SievePolicy::Evict(const Arrival& /*arrival*/, absl::FunctionRef<bool(EntryId)> accept) {
  size_t candidates = kCandidatesMax;
  for (size_t steps = 2 * order_.size(); steps > 0 && candidates > 0; --steps) {
    const EntryId id = MoveHand();
    if (used_[id]) {
      used_[id] = false;
    } else if (accept(id)) {
      Untrack(id);
      return id;
    } else {
      --candidates;
    }
  }
  return std::nullopt;
}

EntryId SievePolicy::MoveHand() {
  const EntryId id = hand_ == EntryLists::kNone ? order_.oldest(0) : hand_;
  hand_ = order_.newer(id);
  return id;
}

void SievePolicy::CheckInvariants() const {
  order_.CheckInvariants();
  CHECK(hand_ == EntryLists::kNone || order_.Contains(hand_));
}

}  // namespace slotwise
