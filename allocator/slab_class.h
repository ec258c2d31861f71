// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_SLAB_CLASS_H_
#define SLOTWISE_ALLOCATOR_SLAB_CLASS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "allocator/extent.h"
#include "allocator/hierarchical_bitmap.h"
#include "allocator/payload_kind.h"
#include "allocator/segment_table.h"

namespace slotwise {

// The usable segments of one slot size, that is, those that do not drain. A bitmap by address of those with room serves
// allocation; a list by last allocation, coldest first, serves giving one away. Every operation takes O(log64
// segments).
class SlabClass {
 public:
  // `segments` is borrowed, and has `segment_count` in its space.
  SlabClass(BlockCount slot, PayloadKind kind, SegmentTable* segments, uint64_t segment_count)
      : slot_(slot), kind_(kind), segments_(segments), with_room_(segment_count) {}

  BlockCount slot() const { return slot_; }
  PayloadKind kind() const { return kind_; }
  size_t usable() const { return usable_; }
  // nullptr if all are full.
  SlabSegment* lowest_with_room() const {
    const std::optional<uint64_t> lowest = with_room_.FindFirst();
    return lowest ? &segments_->at(*lowest) : nullptr;
  }
  // The least recently allocated-from; nullptr if none is usable.
  SlabSegment* coldest() const { return coldest_ == SlabSegment::kNoSegment ? nullptr : &segments_->at(coldest_); }

  // Adds it as the coldest.
  void AddUsable(SlabSegment* segment);
  // REQUIRES: `segment` is usable.
  void RemoveUsable(SlabSegment* segment);
  // Takes note that a slot of `segment` was taken: it is the hottest now.
  // REQUIRES: `segment` is usable.
  void NoteTaken(SlabSegment* segment) {
    if (segment->slab.full()) with_room_.Clear(segment->index);
    if (segment->index == hottest_) return;
    Unlink(*segment);
    LinkHottest(segment);
  }
  // Takes note that `segment` is no longer full.
  // REQUIRES: `segment` is usable, and was full until now.
  void NoteRoom(const SlabSegment& segment) { with_room_.Set(segment.index); }

  // Whether both orders hold exactly what they should of `segment`.
  bool Agrees(const SlabSegment& segment) const;
  // Recounts both orders; aborts on an inconsistency.
  void CheckInvariants() const;
  size_t segments_with_room() const { return with_room_.count(); }

 private:
  // What leads to `segment` in either direction.
  uint32_t& LinkFromColder(const SlabSegment& segment) {
    return segment.colder == SlabSegment::kNoSegment ? coldest_ : segments_->at(segment.colder).hotter;
  }
  uint32_t& LinkFromHotter(const SlabSegment& segment) {
    return segment.hotter == SlabSegment::kNoSegment ? hottest_ : segments_->at(segment.hotter).colder;
  }
  // Between the two that its own links name.
  void Link(SlabSegment* segment) {
    LinkFromColder(*segment) = segment->index;
    LinkFromHotter(*segment) = segment->index;
  }
  void Unlink(const SlabSegment& segment) {
    LinkFromColder(segment) = segment.hotter;
    LinkFromHotter(segment) = segment.colder;
  }
  void LinkHottest(SlabSegment* segment) {
    segment->colder = hottest_;
    segment->hotter = SlabSegment::kNoSegment;
    Link(segment);
  }

  BlockCount slot_;
  PayloadKind kind_;
  SegmentTable* segments_;
  size_t usable_ = 0;
  HierarchicalBitmap with_room_;  // by segment index
  uint32_t coldest_ = SlabSegment::kNoSegment;
  uint32_t hottest_ = SlabSegment::kNoSegment;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_SLAB_CLASS_H_
