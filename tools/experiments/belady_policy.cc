// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/belady_policy.h"

#include <cstddef>

#include "glog/logging.h"

namespace slotwise {

void BeladyPolicy::SetRequest(uint32_t now, uint32_t next) { request_ = {.sooner = kNever - next, .last = now}; }

void BeladyPolicy::Track(EntryId id, const Arrival& /*arrival*/) {
  if (uses_.size() <= id) uses_.resize(size_t{id} + 1);
  uses_[id] = request_;
  CHECK(order_.emplace(request_, id).second);
}

void BeladyPolicy::Touch(EntryId id) {
  Untrack(id);
  uses_[id] = request_;
  CHECK(order_.emplace(request_, id).second);
}

void BeladyPolicy::Untrack(EntryId id) {
  const auto found = order_.find(uses_[id]);
  CHECK(found != order_.end() && found->second == id);
  order_.erase(found);
}

std::optional<EntryId> BeladyPolicy::Evict(const Arrival& /*arrival*/, absl::FunctionRef<bool(EntryId)> accept) {
  size_t candidates = kCandidatesMax;
  for (const auto& [use, id] : order_) {
    if (candidates-- == 0) break;
    if (!accept(id)) continue;
    const EntryId victim = id;
    Untrack(victim);
    return victim;
  }
  return std::nullopt;
}

void BeladyPolicy::CheckInvariants() const {
  for (const auto& [use, id] : order_) CHECK(uses_[id] == use);
}

}  // namespace slotwise
