// SPDX-License-Identifier: Apache-2.0
#include "allocator/segment_shares.h"

#include <algorithm>

#include "glog/logging.h"

namespace slotwise {

SegmentShares::SegmentShares(const SlabOptions& options, uint64_t segment_count)
    : segment_(options.segment),
      segment_count_(segment_count),
      partial_share_(SegmentsOfShare(options.partial_share_basis_points, segment_count)),
      full_reservation_(SegmentsOfShare(options.full_reservation_basis_points, segment_count)),
      fallback_(options.fallback) {
  CHECK_GT(segment_count, 0u);
}

uint64_t SegmentShares::limit(PayloadKind kind) const {
  if (kind == PayloadKind::kFull) return segment_count_ - partial_share_;
  return fallback_ ? std::max(partial_share_, segment_count_ - full_reservation_) : partial_share_;
}

bool SegmentShares::MayOwnMore(PayloadKind kind) const {
  const uint64_t next = owned(kind) + 1;
  if (kind == PayloadKind::kFull) return next <= limit(kind);
  return next <= partial_share_ || LeavesReservation(next, borrowed_);
}

void SegmentShares::Disown(PayloadKind kind) {
  CHECK_GT(owned(kind), 0u);
  --owned_[KindIndex(kind)];
}

void SegmentShares::Return(BlockCount slot) {
  CHECK_GE(borrowed_, slot);
  borrowed_ -= slot;
}

bool SegmentShares::LeavesReservation(uint64_t partial_segments, BlockCount borrowed) const {
  return fallback_ && segment_ * (partial_segments + full_reservation_) + borrowed <= segment_ * segment_count_;
}

}  // namespace slotwise
