// SPDX-License-Identifier: Apache-2.0
#include "allocator/slab_class.h"

#include "glog/logging.h"

namespace slotwise {

void SlabClass::AddUsable(SlabSegment* segment) {
  segment->colder = nullptr;
  segment->hotter = coldest_;
  (coldest_ == nullptr ? hottest_ : coldest_->colder) = segment;
  coldest_ = segment;
  ++usable_;
  if (!segment->slab.full()) with_room_.Set(segment->index);
}

void SlabClass::RemoveUsable(SlabSegment* segment) {
  Unlink(segment);
  --usable_;
  if (with_room_.Test(segment->index)) with_room_.Clear(segment->index);
}

bool SlabClass::Agrees(const SlabSegment& segment) const {
  if (segment.beneficiary) return !with_room_.Test(segment.index);
  const SlabSegment* colder = segment.colder == nullptr ? coldest_ : segment.colder->hotter;
  const SlabSegment* hotter = segment.hotter == nullptr ? hottest_ : segment.hotter->colder;
  return colder == &segment && hotter == &segment && with_room_.Test(segment.index) != segment.slab.full();
}

void SlabClass::CheckInvariants() const {
  with_room_.CheckInvariants();
  size_t linked = 0;
  for (const SlabSegment* segment = coldest_; segment != nullptr; segment = segment->hotter) ++linked;
  CHECK_EQ(linked, usable_) << "the list disagrees with its length";
}

}  // namespace slotwise
