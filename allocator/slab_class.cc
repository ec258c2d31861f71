// SPDX-License-Identifier: Apache-2.0
#include "allocator/slab_class.h"

#include "glog/logging.h"

namespace slotwise {

void SlabClass::AddUsable(SlabSegment* segment) {
  segment->colder = SlabSegment::kNoSegment;
  segment->hotter = coldest_;
  Link(segment);
  ++usable_;
  if (!segment->slab.full()) with_room_.Set(segment->index);
}

void SlabClass::RemoveUsable(SlabSegment* segment) {
  Unlink(*segment);
  --usable_;
  if (with_room_.Test(segment->index)) with_room_.Clear(segment->index);
}

bool SlabClass::Agrees(const SlabSegment& segment) const {
  if (segment.drains()) return !with_room_.Test(segment.index);
  return with_room_.Test(segment.index) != segment.slab.full();
}

void SlabClass::CheckInvariants() const {
  with_room_.CheckInvariants();
  size_t linked = 0;
  uint32_t colder = SlabSegment::kNoSegment;
  for (const SlabSegment* segment = coldest(); segment != nullptr; segment = segments_->Find(segment->hotter)) {
    CHECK_EQ(segment->colder, colder) << "segment " << segment->index << " has another neighbour";
    CHECK(!segment->drains()) << "segment " << segment->index << " is not usable";
    colder = segment->index;
    ++linked;
  }
  CHECK_EQ(hottest_, colder);
  CHECK_EQ(linked, usable_) << "the list disagrees with its length";
}

}  // namespace slotwise
