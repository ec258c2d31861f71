// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_ENTRY_LISTS_H_
#define SLOTWISE_RAWBLOCK_EVICTION_ENTRY_LISTS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "absl/functional/function_ref.h"
#include "rawblock/log/index.h"

namespace slotwise {

// A few lists of entries, each from its oldest to its newest; an entry is in at most one of them. Policies are built
// from these. Doubly linked through an array of ids, 8 bytes each, that grows without a pause. Everything is O(1) but
// the search and the check.
class EntryLists {
 public:
  static constexpr EntryId kNone = ~EntryId{0};

  // `lists` empty ones, called 0, 1, ...
  explicit EntryLists(uint32_t lists);

  // As the newest of `list`. REQUIRES: in no list.
  void Append(uint32_t list, EntryId id);
  // As the oldest of `list`. REQUIRES: in no list.
  void Prepend(uint32_t list, EntryId id);
  // As the next newer of `older`. REQUIRES: that is in a list and `id` is in none.
  void InsertAfter(EntryId older, EntryId id);
  // REQUIRES: in a list.
  void Remove(EntryId id);

  bool Contains(EntryId id) const;
  // kNone if `list` is empty.
  EntryId oldest(uint32_t list) const { return IdAt(links_[list].newer); }
  // kNone at the end. REQUIRES: in a list.
  EntryId newer(EntryId id) const { return IdAt(links_[PositionOf(id)].newer); }
  EntryId older(EntryId id) const { return IdAt(links_[PositionOf(id)].older); }
  // Of all lists together.
  size_t size() const { return size_; }

  // The oldest of `list` that `accept` allows, among at most `*candidates`, which
  // is lowered by what was refused.
  std::optional<EntryId> FindOldest(uint32_t list, size_t* candidates, absl::FunctionRef<bool(EntryId)> accept) const;

  void CheckInvariants() const;

 private:
  // The first positions are the lists: there `newer` is the oldest entry and
  // `older` the newest. The entries follow.
  struct Link {
    uint32_t older = kNone;
    uint32_t newer = kNone;
  };

  uint32_t PositionOf(EntryId id) const { return id + lists_; }
  EntryId IdAt(uint32_t position) const { return position < lists_ ? kNone : position - lists_; }
  void InsertAfterPosition(uint32_t older, EntryId id);
  size_t CheckList(uint32_t list) const;

  const uint32_t lists_;
  std::deque<Link> links_;
  size_t size_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_EVICTION_ENTRY_LISTS_H_
