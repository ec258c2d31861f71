// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_SLAB_CLASS_H_
#define SLOTWISE_ALLOCATOR_SLAB_CLASS_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>

#include "absl/container/btree_map.h"
#include "allocator/extent.h"
#include "allocator/payload_kind.h"
#include "allocator/slab.h"

namespace slotwise {

// A segment while it is bound to a class.
struct SlabSegment {
  uint64_t index;  // among the segments of the space
  size_t owner;    // the class
  Slab slab;
  // Set while the segment drains: the class that gets it.
  std::optional<size_t> beneficiary = std::nullopt;
  // When a slot of it was last allocated; grows from one allocation to the next.
  uint64_t last_allocation = 0;
  // In the owner's list of usable segments, while it does not drain.
  std::list<SlabSegment*>::iterator position = {};
};

// The usable segments of one slot size, those that do not drain: ordered by
// address for allocation, and by their last allocation for giving one away.
// Borrows the segments. Operations take O(1), or O(log usable()) when a segment
// becomes full or has room again.
class SlabClass {
 public:
  SlabClass(BlockCount slot, PayloadKind kind) : slot_(slot), kind_(kind) {}

  BlockCount slot() const { return slot_; }
  PayloadKind kind() const { return kind_; }
  size_t usable() const { return by_age_.size(); }
  // nullptr if all are full.
  SlabSegment* lowest_with_room() const { return with_room_.empty() ? nullptr : with_room_.begin()->second; }
  // The least recently allocated-from; nullptr if none is usable.
  SlabSegment* coldest() const { return by_age_.empty() ? nullptr : by_age_.front(); }

  // Adds it as the coldest.
  void AddUsable(SlabSegment* segment);
  // REQUIRES: `segment` is usable.
  void RemoveUsable(SlabSegment* segment);
  // Takes note that a slot of `segment` was taken: it is the hottest now.
  // REQUIRES: `segment` is usable.
  void NoteTaken(SlabSegment* segment);
  // Takes note that a slot of `segment` was freed.
  // REQUIRES: `segment` is usable.
  void NoteFreed(SlabSegment* segment) { with_room_.emplace(segment->index, segment); }

  // Whether both orders hold exactly what they should of `segment`.
  bool Agrees(const SlabSegment& segment) const;
  size_t segments_with_room() const { return with_room_.size(); }

 private:
  BlockCount slot_;
  PayloadKind kind_;
  absl::btree_map<uint64_t, SlabSegment*> with_room_;
  std::list<SlabSegment*> by_age_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_SLAB_CLASS_H_
