// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_SLAB_ALLOCATOR_H_
#define SLOTWISE_ALLOCATOR_SLAB_ALLOCATOR_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "allocator/allocator.h"
#include "allocator/buddy_allocator.h"
#include "allocator/class_demand.h"
#include "allocator/extent.h"
#include "allocator/payload_kind.h"
#include "allocator/segment_shares.h"
#include "allocator/segment_table.h"
#include "allocator/size_classes.h"
#include "allocator/slab_class.h"
#include "allocator/slab_options.h"
#include "allocator/slot_grid.h"

namespace slotwise {

// Slots that fit the payloads (after Bonwick, The Slab Allocator, USENIX 1994). The space is a row of equal segments.
// A class has one slot size. The life of a segment:
//
//   1. Free: it belongs to no class. A buddy allocator keeps the free segments.
//   2. Bound: a class that needs room cuts it into slots of its size. A class uses its lowest segment with room first.
//   3. Draining, with rebinding only: it serves no allocations, and waits to be empty for another class.
//   4. Empty: it is free again at once.
//
// Full and Partial. A payload of a registered Full size gets a slot of exactly that size. Any other is Partial and gets
// the smallest Partial slot that holds it, or borrows the smallest Full slot that does. SegmentShares says which kind
// may bind how many segments, and what Partial may borrow; Full never borrows.
//
// Liveness. With rebinding, a caller that evicts what Helps names and asks again succeeds in the end, if a pristine
// allocator could serve the request (docs/decisions/0001 says why).
//
// Restart. Mark recognises a slot by its size: no two classes share one. Whether a Full slot was borrowed is not in the
// placement, so it counts as Full.
//
// Allocate, Free, Mark and Helps take O(log64 segments + log64 slots), amortised; a refusal that looks for a segment to
// nominate takes O(classes). Memory: per bound segment and its slots, and a few bits per segment.
//
// Waste: none for Full; what the SizeClassRule says in a Partial slot (below
// partial_min: less than partial_min); up to the Full slot for a borrowed one. Blocks behind the last slot of a
// segment, and behind the last segment, count as free but serve no class.
class SlabAllocator final : public Allocator {
 public:
  struct ClassStatistics {
    PayloadKind kind;
    BlockCount slot;
    uint64_t segments = 0;
    uint64_t segments_draining = 0;
    uint64_t slots = 0;
    uint64_t slots_used = 0;
    uint64_t slots_borrowed = 0;
  };

  // InvalidArgument, as Validate(options, capacity), if there can be no such
  // allocator.
  static absl::StatusOr<std::unique_ptr<SlabAllocator>> Create(BlockCount capacity, const SlabOptions& options);

  std::optional<Placement> Allocate(BlockCount count) override;
  // Aborts if `placement` is not a live slot.
  void Free(const Placement& placement) override;
  bool Mark(const Placement& placement) override;
  // Aborts if `victim` is not a live slot.
  bool Helps(const Placement& victim, BlockCount count) const override;
  BlockCount FootprintOf(BlockCount count) const override;
  BlockCount largest_allocation() const override;
  BlockCount capacity() const override { return capacity_; }
  BlockCount free_blocks() const override { return capacity_ - used_blocks_; }
  void CheckInvariants() const override;

  // Full classes first, then Partial ones, smallest slot first. O(segments).
  std::vector<ClassStatistics> Statistics() const;
  uint64_t segment_count() const { return shares_.segment_count(); }
  uint64_t segments_free() const { return buddy_.free_blocks().value() / options_.segment.value(); }
  // How many segments have been drained for another class so far.
  uint64_t segments_rebound() const { return segments_rebound_; }

 private:
  // A class, and what it waits for.
  struct Class {
    SlabClass slabs;
    // The segment that drains for this class.
    SlabSegment* incoming = nullptr;
    // Since its last success: what is retried counts as demand once.
    bool refused = false;
    bool refused_since_review = false;
  };

  // What a payload size asks for.
  struct Request {
    uint16_t home;  // the class whose slot it gets
    bool borrows;   // the slot is of a Full class, the payload is Partial
    // Where it may borrow when its home has no room; never set if `borrows`.
    std::optional<uint16_t> fallback;
  };

  // One live slot.
  struct Slot {
    SlabSegment* segment;
    uint64_t index;
  };

  SlabAllocator(BlockCount capacity, const SlabOptions& options);

  // nullopt if no slot could ever hold `count` blocks.
  std::optional<Request> RequestFor(BlockCount count) const;
  std::optional<size_t> ClassWithSlot(BlockCount slot) const;
  PayloadKind KindOf(size_t index) const { return classes_[index].slabs.kind(); }

  Extent SegmentExtent(uint64_t index) const;
  // How a class with slots of `slot` blocks cuts a segment.
  SlotGrid GridOf(uint64_t segment, BlockCount slot) const;
  uint64_t SegmentOf(BlockIndex block) const { return block.value() >> segment_shift_; }
  std::optional<Slot> FindLive(const Placement& placement) const;
  // REQUIRES: the buddy allocator has just handed out that segment.
  SlabSegment* Bind(uint64_t segment, size_t to);
  SlabSegment* BindFree(size_t to);
  // REQUIRES: `segment` is empty.
  void Unbind(SlabSegment* segment);

  // A segment with a free slot for the request, perhaps freshly bound.
  SlabSegment* FindRoom(const Request& request);
  void TakeSlot(SlabSegment* segment, uint64_t index);

  void NoteDemand(size_t index);
  // How many segments the class should have by recent demand.
  double FairShare(size_t index) const;
  bool WantsSegment(size_t index) const;
  // Whether a request for a borrowed slot waits until Partial holds less.
  bool ExceedsReservation(const Request& request) const;
  // Whether returning any borrowed slot brings the request nearer.
  bool NeedsReturn(const Request& request) const;

  // Rebinding (docs/decisions/0001), after a refusal. A class with no usable segment, or at least one fewer than its
  // fair share by recent demand (ClassDemand), is entitled to one. Rebind nominates a segment for it, unless one drains
  // for it already: the least recently used segment of the class with the greatest surplus. It drains: Helps names its
  // slots to the entitled class, which binds it once it is empty. True if room appeared at once instead.
  bool Rebind(const Request& request);
  // Whether no slot of the class itself could serve the request, once freed.
  bool IsStranded(const Request& request) const;
  bool MayDonate(PayloadKind donor, const Request& request) const;
  // The coldest segment of the class with the greatest surplus; nullptr if none may
  // donate. A request that is not stranded takes from surplus only.
  SlabSegment* FindDonation(const Request& request) const;
  // Some draining segment for which `accept` is true; nullptr if there is none.
  template <typename Predicate>
  SlabSegment* FindDraining(Predicate accept) const;
  void Nominate(SlabSegment* segment, size_t beneficiary);
  void CancelNomination(SlabSegment* segment);
  // At each decay of demand: ends the nominations of classes that were not refused since the last review or are no
  // longer entitled. A class left without a usable segment takes its own draining segment back, or another's.
  void ReviewNominations();

  void CheckSegment(const SlabSegment& segment) const;
  void CheckClasses() const;

  BlockCount capacity_;
  SlabOptions options_;
  int segment_shift_;  // a segment has 1 << segment_shift_ blocks
  SizeClasses partial_;
  BuddyAllocator buddy_;  // whole segments; the last may end behind the capacity
  SegmentShares shares_;
  SegmentTable segments_;
  std::vector<Class> classes_;  // Full, then Partial
  ClassDemand demand_;
  BlockCount used_blocks_;
  uint64_t allocations_ = 0;
  uint64_t segments_rebound_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_SLAB_ALLOCATOR_H_
