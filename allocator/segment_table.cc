// SPDX-License-Identifier: Apache-2.0
#include "allocator/segment_table.h"

#include "glog/logging.h"

namespace slotwise {

SlabSegment* SegmentTable::Bind(uint64_t index, uint16_t owner, const SlotGrid& grid) {
  std::unique_ptr<Group>& group = groups_[index / kGroup];
  if (group == nullptr) group = std::make_unique<Group>();
  SlabSegment& segment = at(index);
  CHECK(!segment.bound()) << "segment " << index << " is bound already";
  segment.slab = Slab(grid);
  segment.index = static_cast<uint32_t>(index);
  segment.owner = owner;
  return &segment;
}

void SegmentTable::ForEach(absl::FunctionRef<void(const SlabSegment&)> visit) const {
  for (const auto& group : groups_) {
    if (group == nullptr) continue;
    for (const SlabSegment& segment : *group) {
      if (segment.bound()) visit(segment);
    }
  }
}

}  // namespace slotwise
