// SPDX-License-Identifier: Apache-2.0
#include "allocator/slab_class.h"

namespace slotwise {

void SlabClass::AddUsable(SlabSegment* segment) {
  segment->position = by_age_.insert(by_age_.begin(), segment);
  if (!segment->slab.full()) with_room_.emplace(segment->index, segment);
}

void SlabClass::RemoveUsable(SlabSegment* segment) {
  by_age_.erase(segment->position);
  with_room_.erase(segment->index);
}

void SlabClass::NoteTaken(SlabSegment* segment) {
  by_age_.splice(by_age_.end(), by_age_, segment->position);
  if (segment->slab.full()) with_room_.erase(segment->index);
}

bool SlabClass::Agrees(const SlabSegment& segment) const {
  const auto found = with_room_.find(segment.index);
  if (segment.beneficiary) return found == with_room_.end();
  if (*segment.position != &segment) return false;
  return segment.slab.full() ? found == with_room_.end() : found != with_room_.end() && found->second == &segment;
}

}  // namespace slotwise
