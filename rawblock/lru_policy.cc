// SPDX-License-Identifier: Apache-2.0
#include "rawblock/lru_policy.h"

#include "glog/logging.h"

namespace slotwise {

void LruPolicy::Track(EntryId id) {
  while (links_.size() <= size_t{id} + 1) links_.emplace_back();
  CHECK_EQ(links_[id + 1].older, kUntracked);
  LinkHottest(id + 1);
  ++tracked_;
}

void LruPolicy::Touch(EntryId id) {
  Unlink(id + 1);
  LinkHottest(id + 1);
}

void LruPolicy::Untrack(EntryId id) {
  Unlink(id + 1);
  links_[id + 1] = Link();
  --tracked_;
}

std::optional<EntryId> LruPolicy::Evict(absl::FunctionRef<bool(EntryId)> accept) {
  uint32_t position = links_[0].newer;
  for (size_t seen = 0; position != 0 && seen < kCandidatesMax; ++seen, position = links_[position].newer) {
    if (!accept(position - 1)) continue;
    Untrack(position - 1);
    return position - 1;
  }
  return std::nullopt;
}

void LruPolicy::LinkHottest(uint32_t position) {
  const uint32_t hottest = links_[0].older;
  links_[position] = {.older = hottest, .newer = 0};
  links_[hottest].newer = position;
  links_[0].older = position;
}

void LruPolicy::Unlink(uint32_t position) {
  const Link link = links_[position];
  CHECK_NE(link.older, kUntracked);
  links_[link.older].newer = link.newer;
  links_[link.newer].older = link.older;
}

void LruPolicy::CheckInvariants() const {
  size_t seen = 0;
  uint32_t older = 0;
  for (uint32_t position = links_[0].newer; position != 0; position = links_[position].newer) {
    CHECK_EQ(links_[position].older, older);
    CHECK_LE(++seen, tracked_);
    older = position;
  }
  CHECK_EQ(links_[0].older, older);
  CHECK_EQ(seen, tracked_);
}

}  // namespace slotwise
