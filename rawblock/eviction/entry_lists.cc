// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/entry_lists.h"

#include "glog/logging.h"

namespace slotwise {

EntryLists::EntryLists(uint32_t lists) : lists_(lists) {
  for (uint32_t list = 0; list < lists; ++list) links_.push_back({.older = list, .newer = list});
}

void EntryLists::Append(uint32_t list, EntryId id) { InsertAfterPosition(links_[list].older, id); }

void EntryLists::Prepend(uint32_t list, EntryId id) { InsertAfterPosition(list, id); }

void EntryLists::InsertAfter(EntryId older, EntryId id) {
  CHECK(Contains(older));
  InsertAfterPosition(PositionOf(older), id);
}

void EntryLists::InsertAfterPosition(uint32_t older, EntryId id) {
  CHECK(!Contains(id));
  const uint32_t position = PositionOf(id);
  while (links_.size() <= position) links_.emplace_back();
  const uint32_t newer = links_[older].newer;
  links_[position] = {.older = older, .newer = newer};
  links_[older].newer = position;
  links_[newer].older = position;
  ++size_;
}

void EntryLists::Remove(EntryId id) {
  CHECK(Contains(id));
  Link& link = links_[PositionOf(id)];
  links_[link.older].newer = link.newer;
  links_[link.newer].older = link.older;
  link = Link();
  --size_;
}

bool EntryLists::Contains(EntryId id) const {
  return PositionOf(id) < links_.size() && links_[PositionOf(id)].older != kNone;
}

std::optional<EntryId> EntryLists::FindOldest(uint32_t list, size_t* candidates,
                                              absl::FunctionRef<bool(EntryId)> accept) const {
  for (EntryId id = oldest(list); id != kNone && *candidates > 0; id = newer(id)) {
    if (accept(id)) return id;
    --*candidates;
  }
  return std::nullopt;
}

void EntryLists::CheckInvariants() const {
  size_t seen = 0;
  for (uint32_t list = 0; list < lists_; ++list) seen += CheckList(list);
  CHECK_EQ(seen, size_);
}

size_t EntryLists::CheckList(uint32_t list) const {
  size_t seen = 0;
  uint32_t older = list;
  for (uint32_t position = links_[list].newer; position != list; position = links_[position].newer) {
    CHECK_GE(position, lists_);
    CHECK_EQ(links_[position].older, older);
    CHECK_LE(++seen, size_);
    older = position;
  }
  CHECK_EQ(links_[list].older, older);
  return seen;
}

}  // namespace slotwise
