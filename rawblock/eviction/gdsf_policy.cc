// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/gdsf_policy.h"

#include <algorithm>

#include "glog/logging.h"

namespace slotwise {
void GdsfPolicy::Track(EntryId id, const Arrival& arrival) {
  if (states_.size() <= id) states_.resize(size_t{id} + 1);
  CHECK_EQ(states_[id].frequency, 0u);
  states_[id] = {.rank = {}, .size = std::max<uint64_t>(arrival.size, 1), .frequency = 1};
  InsertRanked(id);
}

void GdsfPolicy::Touch(EntryId id) {
  CHECK_EQ(order_.erase(states_[id].rank), 1u);
  ++states_[id].frequency;
  InsertRanked(id);
}

void GdsfPolicy::Untrack(EntryId id) {
  CHECK_GT(states_[id].frequency, 0u);
  CHECK_EQ(order_.erase(states_[id].rank), 1u);
  states_[id] = State();
}

std::optional<EntryId> GdsfPolicy::Evict(const Arrival& /*arrival*/, absl::FunctionRef<bool(EntryId)> accept) {
  size_t candidates = kCandidatesMax;
  for (const auto& [rank, id] : order_) {
    if (candidates-- == 0) break;
    if (!accept(id)) continue;
    const EntryId victim = id;
    worth_evicted_ = rank.worth;
    Untrack(victim);
    return victim;
  }
  return std::nullopt;
}

void GdsfPolicy::InsertRanked(EntryId id) {
  State& state = states_[id];
  const double worth = worth_evicted_ + static_cast<double>(state.frequency) * 1e6 / static_cast<double>(state.size);
  state.rank = {.worth = worth, .since = ranked_++};
  order_.emplace(state.rank, id);
}

void GdsfPolicy::CheckInvariants() const {
  for (const auto& [rank, id] : order_) {
    CHECK(states_[id].rank == rank);
    CHECK_GT(states_[id].frequency, 0u);
  }
  const auto tracked =
      std::count_if(states_.begin(), states_.end(), [](const State& state) { return state.frequency > 0; });
  CHECK_EQ(static_cast<size_t>(tracked), order_.size());
}

}  // namespace slotwise
