// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_SLAB_CLASS_H_
#define SLOTWISE_ALLOCATOR_SLAB_CLASS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "allocator/extent.h"
#include "allocator/hierarchical_bitmap.h"
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
  // Its neighbours among the owner's usable segments, while it does not drain.
  SlabSegment* colder = nullptr;
  SlabSegment* hotter = nullptr;
};

// The usable segments of one slot size, those that do not drain: a bitmap of those
// with room, by address, for allocation, and a list from the coldest to the hottest,
// by their last allocation, for giving one away. Borrows the segments. Every operation
// takes O(log64 segments).
class SlabClass {
 public:
  // `segments`: how many the space has.
  SlabClass(BlockCount slot, PayloadKind kind, uint64_t segments) : slot_(slot), kind_(kind), with_room_(segments) {}

  BlockCount slot() const { return slot_; }
  PayloadKind kind() const { return kind_; }
  size_t usable() const { return usable_; }
  // The index of the lowest segment with room; nullopt if all are full.
  std::optional<uint64_t> lowest_with_room() const { return with_room_.FindFirst(); }
  // The least recently allocated-from; nullptr if none is usable.
  SlabSegment* coldest() const { return coldest_; }

  // Adds it as the coldest.
  void AddUsable(SlabSegment* segment);
  // REQUIRES: `segment` is usable.
  void RemoveUsable(SlabSegment* segment);
  // Takes note that a slot of `segment` was taken: it is the hottest now.
  // REQUIRES: `segment` is usable.
  void NoteTaken(SlabSegment* segment) {
    if (segment->slab.full()) with_room_.Clear(segment->index);
    if (segment == hottest_) return;
    Unlink(segment);
    LinkHottest(segment);
  }
  // Takes note that a slot of `segment` was freed.
  // REQUIRES: `segment` is usable.
  void NoteFreed(const SlabSegment& segment) {
    if (!with_room_.Test(segment.index)) with_room_.Set(segment.index);
  }

  // Whether both orders hold exactly what they should of `segment`.
  bool Agrees(const SlabSegment& segment) const;
  // Recounts both orders; aborts on a lie.
  void CheckInvariants() const;
  size_t segments_with_room() const { return with_room_.count(); }

 private:
  void Unlink(SlabSegment* segment) {
    (segment->colder == nullptr ? coldest_ : segment->colder->hotter) = segment->hotter;
    (segment->hotter == nullptr ? hottest_ : segment->hotter->colder) = segment->colder;
  }
  void LinkHottest(SlabSegment* segment) {
    segment->colder = hottest_;
    segment->hotter = nullptr;
    (hottest_ == nullptr ? coldest_ : hottest_->hotter) = segment;
    hottest_ = segment;
  }

  BlockCount slot_;
  PayloadKind kind_;
  size_t usable_ = 0;
  HierarchicalBitmap with_room_;  // by segment index
  SlabSegment* coldest_ = nullptr;
  SlabSegment* hottest_ = nullptr;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_SLAB_CLASS_H_
