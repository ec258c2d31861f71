// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/lru_policy.h"

#include <algorithm>
#include <bit>

#include "glog/logging.h"

namespace slotwise {
namespace {

// The position of the highest bit, and the two bits after it.
uint32_t SharedListOf(uint64_t size) {
  const auto width = static_cast<uint32_t>(std::bit_width(size));
  if (width < 3) return static_cast<uint32_t>(size);
  return ((width - 1) << 2) | static_cast<uint32_t>((size >> (width - 3)) & 3);
}

}  // namespace

void LruPolicy::Track(EntryId id, const Arrival& arrival) {
  while (uses_.size() <= id) uses_.emplace_back();
  Append(id, ListOf(arrival.size));
}

uint32_t LruPolicy::ListOf(uint64_t size) {
  if (const auto found = lists_of_sizes_.find(size); found != lists_of_sizes_.end()) return found->second;
  uint32_t list = SharedListOf(size);
  if (lists_of_sizes_.size() < kSizesMax) {
    list = kSharedLists + static_cast<uint32_t>(lists_of_sizes_.size());
    lists_of_sizes_.emplace(size, list);
  }
  if (std::find(lists_used_.begin(), lists_used_.end(), list) == lists_used_.end()) lists_used_.push_back(list);
  return list;
}

void LruPolicy::Touch(EntryId id) {
  order_.Remove(id);
  Append(id, uses_[id].list);
}

void LruPolicy::Untrack(EntryId id) { order_.Remove(id); }

void LruPolicy::Append(EntryId id, uint32_t list) {
  uses_[id] = {.time = now_++, .list = list};
  order_.Append(list, id);
}

std::vector<LruPolicy::Candidate> LruPolicy::OldestOfEach() const {
  std::vector<Candidate> candidates;
  for (const uint32_t list : lists_used_) {
    if (const EntryId id = order_.oldest(list); id != EntryLists::kNone) {
      candidates.push_back({.time = uses_[id].time, .id = id});
    }
  }
  return candidates;
}

std::optional<EntryId> LruPolicy::Evict(const Arrival& /*arrival*/, absl::FunctionRef<bool(EntryId)> accept) {
  const auto newer = [](const Candidate& a, const Candidate& b) { return a.time > b.time; };
  std::vector<Candidate> candidates = OldestOfEach();
  std::make_heap(candidates.begin(), candidates.end(), newer);
  while (!candidates.empty()) {
    std::pop_heap(candidates.begin(), candidates.end(), newer);
    Candidate& oldest = candidates.back();
    if (accept(oldest.id)) {
      const EntryId victim = oldest.id;
      Untrack(victim);
      return victim;
    }
    oldest.id = order_.newer(oldest.id);
    if (oldest.id == EntryLists::kNone || ++oldest.refusals == kRefusalsMax) {
      candidates.pop_back();
      continue;
    }
    oldest.time = uses_[oldest.id].time;
    std::push_heap(candidates.begin(), candidates.end(), newer);
  }
  return std::nullopt;
}

void LruPolicy::CheckInvariants() const {
  order_.CheckInvariants();
  for (const uint32_t list : lists_used_) {
    uint64_t time = 0;
    for (EntryId id = order_.oldest(list); id != EntryLists::kNone; id = order_.newer(id)) {
      CHECK_EQ(uses_[id].list, list);
      CHECK_GE(uses_[id].time, time);
      time = uses_[id].time;
    }
  }
}

}  // namespace slotwise
