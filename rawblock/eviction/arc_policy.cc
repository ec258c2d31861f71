// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/arc_policy.h"

#include <algorithm>

#include "glog/logging.h"

namespace slotwise {

Arrival ArcPolicy::Arrive(uint64_t key_hash, uint64_t size) {
  Arrival arrival{.key_hash = key_hash, .size = size, .remembered = kUnknown};
  if (ghosts_[kOnce].Contains(key_hash)) {
    target_ = std::min(target_ + Step(kOnce), static_cast<double>(capacity_));
    ghosts_[kOnce].Forget(key_hash);
    arrival.remembered = kInOnce;
  } else if (ghosts_[kAgain].Contains(key_hash)) {
    target_ = std::max(target_ - Step(kAgain), 0.0);
    ghosts_[kAgain].Forget(key_hash);
    arrival.remembered = kInAgain;
  }
  return arrival;
}

double ArcPolicy::Step(uint32_t list) const {
  const auto own = static_cast<double>(std::max<uint64_t>(ghosts_[list].size(), 1));
  return std::max(static_cast<double>(ghosts_[1 - list].size()) / own, 1.0);
}

void ArcPolicy::Track(EntryId id, const Arrival& arrival) {
  if (states_.size() <= id) states_.resize(size_t{id} + 1);
  states_[id] = {.key_hash = arrival.key_hash, .size = arrival.size};
  CHECK_EQ(states_[id].size, arrival.size);
  Append(arrival.remembered == kUnknown ? kOnce : kAgain, id);
}

void ArcPolicy::Touch(EntryId id) {
  Untrack(id);
  Append(kAgain, id);
}

void ArcPolicy::Append(uint32_t list, EntryId id) {
  lists_.Append(list, id);
  states_[id].list = list;
  sizes_[list] += states_[id].size;
}

void ArcPolicy::Untrack(EntryId id) {
  lists_.Remove(id);
  sizes_[states_[id].list] -= states_[id].size;
}

std::optional<EntryId> ArcPolicy::Evict(const Arrival& arrival, absl::FunctionRef<bool(EntryId)> accept) {
  const bool unknown = arrival.remembered == kUnknown;
  const bool once_full = unknown && sizes_[kOnce] + ghosts_[kOnce].size() + arrival.size > capacity_;
  const bool once_alone = once_full && ghosts_[kOnce].empty();
  const uint32_t list = once_alone ? kOnce : ListToShrink(arrival);
  size_t candidates = kCandidatesMax;
  std::optional<EntryId> victim = lists_.FindOldest(list, &candidates, accept);
  if (!victim.has_value()) victim = lists_.FindOldest(1 - list, &candidates, accept);
  if (!victim.has_value()) return std::nullopt;

  if (unknown) ForgetGhost(once_full);
  const State& state = states_[*victim];
  Untrack(*victim);
  if (!once_alone || state.list == kAgain) ghosts_[state.list].Remember(state.key_hash, state.size);
  return victim;
}

uint32_t ArcPolicy::ListToShrink(const Arrival& arrival) const {
  if (lists_.oldest(kOnce) == EntryLists::kNone) return kAgain;
  const auto size = static_cast<double>(sizes_[kOnce]);
  return size > target_ || (size == target_ && arrival.remembered == kInAgain) ? kOnce : kAgain;
}

void ArcPolicy::ForgetGhost(bool once_full) {
  if (once_full) {
    if (!ghosts_[kOnce].empty()) ghosts_[kOnce].ForgetOldest();
    return;
  }
  const uint64_t all = sizes_[kOnce] + sizes_[kAgain] + ghosts_[kOnce].size() + ghosts_[kAgain].size();
  if (all / 2 >= capacity_ && !ghosts_[kAgain].empty()) ghosts_[kAgain].ForgetOldest();
}

void ArcPolicy::CheckInvariants() const {
  lists_.CheckInvariants();
  for (uint32_t list : {kOnce, kAgain}) {
    uint64_t size = 0;
    for (EntryId id = lists_.oldest(list); id != EntryLists::kNone; id = lists_.newer(id)) {
      CHECK_EQ(states_[id].list, list);
      size += states_[id].size;
    }
    CHECK_EQ(size, sizes_[list]);
    ghosts_[list].CheckInvariants();
  }
  CHECK_GE(target_, 0);
  CHECK_LE(target_, static_cast<double>(capacity_));
}

}  // namespace slotwise
