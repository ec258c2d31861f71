// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_SEGMENT_SHARES_H_
#define SLOTWISE_ALLOCATOR_SEGMENT_SHARES_H_

#include <array>
#include <cstdint>

#include "allocator/extent.h"
#include "allocator/payload_kind.h"
#include "allocator/slab_options.h"

namespace slotwise {

// How many segments each kind may own, and what Partial may borrow (docs/decisions/0001):
//   1. Full owns at most the segments that are not Partial's own share.
//   2. Partial owns at most its share, or more when it may borrow.
//   3. Partial borrows segments, and single slots in segments of Full, as long as the reservation is left to Full.
// Full never borrows. Every operation takes O(1).
class SegmentShares {
 public:
  // REQUIRES: Validate(options, ...) is OK; segment_count > 0.
  SegmentShares(const SlabOptions& options, uint64_t segment_count);

  uint64_t segment_count() const { return segment_count_; }
  // The most segments that `kind` can ever own.
  uint64_t limit(PayloadKind kind) const;
  uint64_t owned(PayloadKind kind) const { return owned_[KindIndex(kind)]; }
  BlockCount borrowed() const { return borrowed_; }
  // Partial's own share, in segments.
  uint64_t partial_share() const { return partial_share_; }

  bool MayOwnMore(PayloadKind kind) const;
  // Whether Partial may use a free slot of `slot` blocks in a segment of Full.
  bool MayBorrow(BlockCount slot) const { return LeavesReservation(owned(PayloadKind::kPartial), borrowed_ + slot); }
  // Whether it could, if Partial held nothing.
  bool MayEverBorrow(BlockCount slot) const { return LeavesReservation(0, slot); }

  // These record what happened, even beyond the limits: after a restart the placements decide, which were legal when
  // made.
  void Own(PayloadKind kind) { ++owned_[KindIndex(kind)]; }
  // REQUIRES: owned(kind) > 0.
  void Disown(PayloadKind kind);
  void Borrow(BlockCount slot) { borrowed_ += slot; }
  // REQUIRES: `slot` was borrowed.
  void Return(BlockCount slot);

 private:
  bool LeavesReservation(uint64_t partial_segments, BlockCount borrowed) const;

  BlockCount segment_;
  uint64_t segment_count_;
  uint64_t partial_share_;
  uint64_t full_reservation_;
  bool fallback_;
  std::array<uint64_t, kPayloadKinds> owned_{};
  BlockCount borrowed_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_SEGMENT_SHARES_H_
