// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/lfu_policy.h"

#include "glog/logging.h"

namespace slotwise {
void LfuPolicy::Track(EntryId id, const Arrival& /*arrival*/) {
  if (frequencies_.size() <= id) frequencies_.resize(size_t{id} + 1);
  frequencies_[id] = 1;
  const auto [newest, first] = newest_.try_emplace(1, id);
  if (first) {
    order_.Prepend(0, id);
  } else {
    order_.InsertAfter(newest->second, id);
    newest->second = id;
  }
}

void LfuPolicy::Touch(EntryId id) {
  CHECK(order_.Contains(id));
  const uint64_t frequency = frequencies_[id]++;
  const auto next = newest_.find(frequency + 1);
  const EntryId behind = next != newest_.end() ? next->second : newest_.at(frequency);
  LeaveFrequency(id, frequency);
  if (behind != id) {
    order_.Remove(id);
    order_.InsertAfter(behind, id);
  }
  newest_[frequency + 1] = id;
}

void LfuPolicy::Untrack(EntryId id) {
  CHECK(order_.Contains(id));
  LeaveFrequency(id, frequencies_[id]);
  order_.Remove(id);
}

void LfuPolicy::LeaveFrequency(EntryId id, uint64_t frequency) {
  const auto newest = newest_.find(frequency);
  if (newest->second != id) return;
  const EntryId older = order_.older(id);
  if (older != EntryLists::kNone && frequencies_[older] == frequency) {
    newest->second = older;
  } else {
    newest_.erase(newest);
  }
}

std::optional<EntryId> LfuPolicy::Evict(const Arrival& /*arrival*/, absl::FunctionRef<bool(EntryId)> accept) {
  size_t candidates = kCandidatesMax;
  const std::optional<EntryId> victim = order_.FindOldest(0, &candidates, accept);
  if (victim.has_value()) Untrack(*victim);
  return victim;
}

void LfuPolicy::CheckInvariants() const {
  order_.CheckInvariants();
  size_t frequencies = 0;
  for (EntryId id = order_.oldest(0); id != EntryLists::kNone; id = order_.newer(id)) {
    const EntryId newer = order_.newer(id);
    if (newer != EntryLists::kNone && frequencies_[newer] == frequencies_[id]) continue;
    CHECK(newer == EntryLists::kNone || frequencies_[newer] > frequencies_[id]);
    CHECK_EQ(newest_.at(frequencies_[id]), id);
    ++frequencies;
  }
  CHECK_EQ(frequencies, newest_.size());
}

}  // namespace slotwise
