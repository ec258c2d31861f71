// SPDX-License-Identifier: Apache-2.0
#include "allocator/slab_allocator.h"

#include <algorithm>
#include <array>
#include <bit>

#include "glog/logging.h"

namespace slotwise {
namespace {

// The sums of demand cover between half and all of one turnover of the space.
BlockCount DemandWindow(BlockCount capacity) { return BlockCount((capacity.value() + 1) / 2); }

std::vector<PayloadKind> Kinds(size_t full, size_t partial) {
  std::vector<PayloadKind> kinds(full, PayloadKind::kFull);
  kinds.resize(full + partial, PayloadKind::kPartial);
  return kinds;
}

double Part(uint64_t part, uint64_t whole) { return static_cast<double>(part) / static_cast<double>(whole); }

}  // namespace

absl::StatusOr<std::unique_ptr<SlabAllocator>> SlabAllocator::Create(BlockCount capacity, const SlabOptions& options) {
  if (absl::Status status = Validate(options, capacity); !status.ok()) return status;
  return std::unique_ptr<SlabAllocator>(new SlabAllocator(capacity, options));
}

SlabAllocator::SlabAllocator(BlockCount capacity, const SlabOptions& options)
    : capacity_(capacity),
      options_(options),
      segment_shift_(std::countr_zero(options.segment.value())),
      partial_(PartialClasses(options)),
      buddy_(options.segment * SegmentCount(options, capacity), options.segment),
      shares_(options, SegmentCount(options, capacity)),
      segments_(shares_.segment_count()),
      demand_(Kinds(options.full_sizes.size(), partial_.size()), DemandWindow(capacity)) {
  const uint64_t segments = shares_.segment_count();
  for (BlockCount slot : options_.full_sizes) {
    classes_.push_back({SlabClass(slot, PayloadKind::kFull, &segments_, segments)});
  }
  for (BlockCount slot : partial_.sizes()) {
    classes_.push_back({SlabClass(slot, PayloadKind::kPartial, &segments_, segments)});
  }
}

std::optional<Placement> SlabAllocator::Allocate(BlockCount count) {
  CHECK_GT(count, BlockCount(0));
  const std::optional<Request> request = RequestFor(count);
  if (!request) return std::nullopt;
  NoteDemand(request->home);
  SlabSegment* segment = FindRoom(*request);
  if (segment == nullptr && options_.rebind && Rebind(*request)) segment = FindRoom(*request);
  Class& home = classes_[request->home];
  home.refused = segment == nullptr;
  home.refused_since_review |= home.refused;
  if (segment == nullptr) return std::nullopt;

  const uint64_t slot = segment->slab.NextFree();
  TakeSlot(segment, slot);
  if (request->borrows || segment->owner != request->home) {
    segment->slab.SetBorrowed(slot);
    shares_.Borrow(segment->slab.slot());
  }
  return std::optional<Placement>(std::in_place, segment->slab.grid().ExtentOf(slot));
}

void SlabAllocator::Free(const Placement& placement) {
  const std::optional<Slot> live = FindLive(placement);
  CHECK(live.has_value()) << placement << " is not live";
  SlabSegment* segment = live->segment;
  const BlockCount slot = segment->slab.slot();
  if (segment->slab.IsBorrowed(live->index)) shares_.Return(slot);
  const bool was_full = segment->slab.full();
  segment->slab.Free(live->index);
  used_blocks_ -= slot;
  if (segment->slab.empty()) {
    Unbind(segment);
  } else if (was_full && !segment->drains()) {
    classes_[segment->owner].slabs.NoteRoom(*segment);
  }
}

bool SlabAllocator::Mark(const Placement& placement) {
  if (placement.size() != 1) return false;
  const Extent& extent = placement.front();
  const std::optional<size_t> owner = ClassWithSlot(extent.count());
  const uint64_t index = SegmentOf(extent.start());
  if (!owner || index >= shares_.segment_count()) return false;

  SlabSegment* segment = segments_.Find(index);
  if (segment != nullptr && segment->owner != *owner) return false;
  const BlockCount slot = classes_[*owner].slabs.slot();
  const std::optional<uint64_t> slot_index = GridOf(index, slot).IndexOf(extent);
  if (!slot_index || (segment != nullptr && !segment->slab.IsFree(*slot_index))) return false;

  if (segment == nullptr) {
    CHECK(buddy_.Mark(Placement(SegmentExtent(index))));
    segment = Bind(index, *owner);
  }
  TakeSlot(segment, *slot_index);
  demand_.Add(*owner, slot);
  return true;
}

bool SlabAllocator::Helps(const Placement& victim, BlockCount count) const {
  const std::optional<Slot> live = FindLive(victim);
  CHECK(live.has_value()) << victim << " is not live";
  const std::optional<Request> request = RequestFor(count);
  if (!request) return false;
  const SlabSegment& segment = *live->segment;
  if (segment.beneficiary == request->home) return true;
  const bool borrowed = segment.slab.IsBorrowed(live->index);
  if (borrowed && NeedsReturn(*request)) return true;
  if (segment.drains()) return false;
  if (segment.owner == request->home) return !ExceedsReservation(*request);
  return borrowed && segment.owner == request->fallback;
}

BlockCount SlabAllocator::FootprintOf(BlockCount count) const {
  const std::optional<Request> request = RequestFor(count);
  CHECK(request.has_value());
  return classes_[request->home].slabs.slot();
}

BlockCount SlabAllocator::largest_allocation() const {
  const BlockCount full = options_.full_sizes.back();
  if (partial_.size() == 0 || shares_.limit(PayloadKind::kPartial) == 0) return full;
  return std::max(full, partial_.sizes().back());
}

std::vector<SlabAllocator::ClassStatistics> SlabAllocator::Statistics() const {
  std::vector<ClassStatistics> statistics;
  for (const Class& c : classes_) statistics.push_back({.kind = c.slabs.kind(), .slot = c.slabs.slot()});
  segments_.ForEach([&](const SlabSegment& segment) {
    ClassStatistics& of_class = statistics[segment.owner];
    ++of_class.segments;
    of_class.segments_draining += segment.drains() ? 1 : 0;
    of_class.slots += segment.slab.slots();
    of_class.slots_used += segment.slab.slots_used();
    of_class.slots_borrowed += segment.slab.slots_borrowed();
  });
  return statistics;
}

// Sizes and segments.

std::optional<SlabAllocator::Request> SlabAllocator::RequestFor(BlockCount count) const {
  const auto& full_sizes = options_.full_sizes;
  const auto full =
      static_cast<uint16_t>(std::lower_bound(full_sizes.begin(), full_sizes.end(), count) - full_sizes.begin());
  const bool fits = full < full_sizes.size();
  if (fits && full_sizes[full] == count) return Request{full, false, std::nullopt};
  const bool may_borrow = fits && shares_.MayEverBorrow(full_sizes[full]);
  const size_t partial = partial_.ClassOf(count);
  if (partial < partial_.size()) {
    const auto home = static_cast<uint16_t>(full_sizes.size() + partial);
    return Request{home, false, may_borrow ? std::optional(full) : std::nullopt};
  }
  return may_borrow ? std::optional(Request{full, true, std::nullopt}) : std::nullopt;
}

std::optional<size_t> SlabAllocator::ClassWithSlot(BlockCount slot) const {
  const auto& full_sizes = options_.full_sizes;
  const auto full = std::lower_bound(full_sizes.begin(), full_sizes.end(), slot);
  if (full != full_sizes.end() && *full == slot) return full - full_sizes.begin();
  const size_t partial = partial_.ClassOf(slot);
  if (partial == partial_.size() || partial_.sizes()[partial] != slot) return std::nullopt;
  return full_sizes.size() + partial;
}

Extent SlabAllocator::SegmentExtent(uint64_t index) const {
  return Extent(BlockIndex() + options_.segment * index, options_.segment);
}

SlotGrid SlabAllocator::GridOf(uint64_t segment, BlockCount slot) const {
  const BlockIndex start = SegmentExtent(segment).start();
  const BlockCount blocks = std::min(options_.segment, capacity_ - (start - BlockIndex()));
  return {start, slot, blocks.value() / slot.value()};
}

std::optional<SlabAllocator::Slot> SlabAllocator::FindLive(const Placement& placement) const {
  if (placement.size() != 1) return std::nullopt;
  const Extent& extent = placement.front();
  SlabSegment* segment = segments_.Find(SegmentOf(extent.start()));
  if (segment == nullptr) return std::nullopt;
  const std::optional<uint64_t> index = segment->slab.grid().IndexOf(extent);
  if (!index || segment->slab.IsFree(*index)) return std::nullopt;
  return Slot{segment, *index};
}

SlabSegment* SlabAllocator::Bind(uint64_t segment, size_t to) {
  SlabSegment* result = segments_.Bind(segment, static_cast<uint16_t>(to), GridOf(segment, classes_[to].slabs.slot()));
  classes_[to].slabs.AddUsable(result);
  shares_.Own(KindOf(to));
  return result;
}

SlabSegment* SlabAllocator::BindFree(size_t to) {
  if (!shares_.MayOwnMore(KindOf(to))) return nullptr;
  const std::optional<Placement> free = buddy_.Allocate(options_.segment);
  return free ? Bind(SegmentOf(free->front().start()), to) : nullptr;
}

void SlabAllocator::Unbind(SlabSegment* segment) {
  if (segment->drains()) {
    classes_[segment->beneficiary].incoming = nullptr;
    ++segments_rebound_;
  } else {
    classes_[segment->owner].slabs.RemoveUsable(segment);
  }
  shares_.Disown(KindOf(segment->owner));
  buddy_.Free(Placement(SegmentExtent(segment->index)));
  segments_.Unbind(segment);
}

SlabSegment* SlabAllocator::FindRoom(const Request& request) {
  if (ExceedsReservation(request)) return nullptr;
  if (SlabSegment* segment = classes_[request.home].slabs.lowest_with_room()) return segment;
  if (SlabSegment* segment = BindFree(request.home)) return segment;
  return request.fallback ? FindRoom({*request.fallback, true, std::nullopt}) : nullptr;
}

void SlabAllocator::TakeSlot(SlabSegment* segment, uint64_t index) {
  segment->slab.Take(index);
  segment->last_allocation = ++allocations_;
  used_blocks_ += segment->slab.slot();
  if (!segment->drains()) classes_[segment->owner].slabs.NoteTaken(segment);
}

// Demand and shares.

void SlabAllocator::NoteDemand(size_t index) {
  const Class& asked = classes_[index];
  if (!asked.refused && demand_.Request(index, asked.slabs.slot())) ReviewNominations();
}

double SlabAllocator::FairShare(size_t index) const {
  if (demand_.of(index) == 0) return 0;
  const PayloadKind kind = KindOf(index);
  const double segments = static_cast<double>(shares_.segment_count());
  const double partial = std::clamp(segments * Part(demand_.total(PayloadKind::kPartial), demand_.total()),
                                    static_cast<double>(shares_.partial_share()),
                                    static_cast<double>(shares_.limit(PayloadKind::kPartial)));
  const double of_kind = kind == PayloadKind::kPartial ? partial : segments - partial;
  return std::max(1.0, of_kind * Part(demand_.of(index), demand_.total(kind)));
}

bool SlabAllocator::WantsSegment(size_t index) const {
  const size_t usable = classes_[index].slabs.usable();
  return usable == 0 || static_cast<double>(usable + 1) <= FairShare(index);
}

bool SlabAllocator::ExceedsReservation(const Request& request) const {
  return request.borrows && !shares_.MayBorrow(classes_[request.home].slabs.slot());
}

bool SlabAllocator::NeedsReturn(const Request& request) const {
  if (request.borrows) return ExceedsReservation(request);
  const Class& home = classes_[request.home];
  return home.slabs.kind() == PayloadKind::kPartial && home.slabs.usable() == 0 && home.incoming == nullptr &&
         !shares_.MayOwnMore(PayloadKind::kPartial);
}

// Rebinding.

bool SlabAllocator::Rebind(const Request& request) {
  const Class& home = classes_[request.home];
  if (home.incoming != nullptr || !(IsStranded(request) || WantsSegment(request.home))) return false;
  if (home.slabs.usable() == 0) {
    if (SlabSegment* own = FindDraining([&](const SlabSegment& s) { return s.owner == request.home; })) {
      CancelNomination(own);
      return true;
    }
  }
  SlabSegment* donation = FindDonation(request);
  if (donation == nullptr && IsStranded(request)) {
    donation = FindDraining([&](const SlabSegment& s) { return MayDonate(KindOf(s.owner), request); });
    if (donation != nullptr) CancelNomination(donation);
  }
  if (donation != nullptr) Nominate(donation, request.home);
  return false;
}

bool SlabAllocator::IsStranded(const Request& request) const {
  return classes_[request.home].slabs.usable() == 0 || ExceedsReservation(request);
}

bool SlabAllocator::MayDonate(PayloadKind donor, const Request& request) const {
  if (ExceedsReservation(request)) return donor == PayloadKind::kPartial;
  return donor == KindOf(request.home) || shares_.MayOwnMore(KindOf(request.home));
}

SlabSegment* SlabAllocator::FindDonation(const Request& request) const {
  const bool stranded = IsStranded(request);
  SlabSegment* best = nullptr;
  double best_surplus = 0;
  for (size_t index = 0; index < classes_.size(); ++index) {
    SlabSegment* coldest = classes_[index].slabs.coldest();
    if (index == request.home || coldest == nullptr || !MayDonate(KindOf(index), request)) continue;
    const double surplus = static_cast<double>(classes_[index].slabs.usable()) - FairShare(index);
    if (surplus <= 0 && !stranded) continue;
    const bool tie_and_colder =
        best != nullptr && surplus == best_surplus && coldest->last_allocation < best->last_allocation;
    if (best != nullptr && surplus <= best_surplus && !tie_and_colder) continue;
    best = coldest;
    best_surplus = surplus;
  }
  return best;
}

template <typename Predicate>
SlabSegment* SlabAllocator::FindDraining(Predicate accept) const {
  for (const Class& c : classes_) {
    if (c.incoming != nullptr && accept(*c.incoming)) return c.incoming;
  }
  return nullptr;
}

void SlabAllocator::Nominate(SlabSegment* segment, size_t beneficiary) {
  classes_[segment->owner].slabs.RemoveUsable(segment);
  segment->beneficiary = static_cast<uint16_t>(beneficiary);
  classes_[beneficiary].incoming = segment;
}

void SlabAllocator::CancelNomination(SlabSegment* segment) {
  classes_[segment->beneficiary].incoming = nullptr;
  segment->beneficiary = SlabSegment::kNoClass;
  classes_[segment->owner].slabs.AddUsable(segment);
}

void SlabAllocator::ReviewNominations() {
  for (size_t index = 0; index < classes_.size(); ++index) {
    Class& c = classes_[index];
    if (c.incoming != nullptr && !(c.refused_since_review && WantsSegment(index))) CancelNomination(c.incoming);
    c.refused_since_review = false;
  }
}

// Invariants.

void SlabAllocator::CheckInvariants() const {
  buddy_.CheckInvariants();
  demand_.CheckInvariants();
  BlockCount used;
  BlockCount borrowed;
  uint64_t bound = 0;
  segments_.ForEach([&](const SlabSegment& segment) {
    CHECK(segments_.Find(segment.index) == &segment);
    CheckSegment(segment);
    ++bound;
    used += segment.slab.slot() * segment.slab.slots_used();
    borrowed += segment.slab.slot() * segment.slab.slots_borrowed();
  });
  CHECK_EQ(used, used_blocks_);
  CHECK_EQ(borrowed, shares_.borrowed());
  CHECK_EQ(bound, segment_count() - segments_free());
  CheckClasses();
}

void SlabAllocator::CheckSegment(const SlabSegment& segment) const {
  segment.slab.CheckInvariants();
  const Class& owner = classes_[segment.owner];
  CHECK(!segment.slab.empty()) << "segment " << segment.index << " is empty but bound";
  CHECK_EQ(segment.slab.slot(), owner.slabs.slot());
  CHECK_EQ(segment.slab.slots(), GridOf(segment.index, segment.slab.slot()).slots);
  CHECK(owner.slabs.kind() == PayloadKind::kFull || segment.slab.slots_borrowed() == 0);
  CHECK(owner.slabs.Agrees(segment)) << "class of " << owner.slabs.slot() << " blocks, segment " << segment.index;
  if (!segment.drains()) return;
  CHECK_NE(segment.beneficiary, segment.owner);
  CHECK(classes_[segment.beneficiary].incoming == &segment) << "segment " << segment.index << " drains for nobody";
}

void SlabAllocator::CheckClasses() const {
  std::vector<size_t> usable(classes_.size());
  std::vector<size_t> with_room(classes_.size());
  std::array<uint64_t, kPayloadKinds> owned{};
  size_t draining = 0;
  segments_.ForEach([&](const SlabSegment& segment) {
    ++owned[KindIndex(KindOf(segment.owner))];
    draining += segment.drains() ? 1 : 0;
    usable[segment.owner] += segment.drains() ? 0 : 1;
    with_room[segment.owner] += segment.drains() || segment.slab.full() ? 0 : 1;
  });
  for (size_t index = 0; index < classes_.size(); ++index) {
    classes_[index].slabs.CheckInvariants();
    CHECK_EQ(classes_[index].slabs.usable(), usable[index]);
    CHECK_EQ(classes_[index].slabs.segments_with_room(), with_room[index]);
    draining -= classes_[index].incoming != nullptr ? 1 : 0;
  }
  CHECK_EQ(draining, 0u) << "as many segments drain as classes wait for one";
  for (PayloadKind kind : {PayloadKind::kFull, PayloadKind::kPartial}) {
    CHECK_EQ(shares_.owned(kind), owned[KindIndex(kind)]);
  }
}

}  // namespace slotwise
