// SPDX-License-Identifier: Apache-2.0
#include "allocator/slab_allocator.h"

#include <list>
#include <memory>
#include <vector>

#include "glog/logging.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

Placement At(uint64_t start, uint64_t count) { return Placement(Extent(BlockIndex(start), BlockCount(count))); }

// Segments of 64 blocks, Full slots of 10 and 30, Partial slots of 1..29.
SlabOptions Options() {
  SlabOptions options;
  options.segment = BlockCount(64);
  options.full_sizes = {BlockCount(10), BlockCount(30)};
  options.partial_max = BlockCount(29);
  return options;
}

std::unique_ptr<SlabAllocator> Make(uint64_t segments, const SlabOptions& options) {
  auto allocator = SlabAllocator::Create(BlockCount(64 * segments), options);
  CHECK(allocator.ok()) << allocator.status();
  return *std::move(allocator);
}

std::vector<Placement> AllocateAll(SlabAllocator& allocator, uint64_t count) {
  std::vector<Placement> placements;
  while (auto placement = allocator.Allocate(BlockCount(count))) placements.push_back(*placement);
  return placements;
}

TEST(SlabAllocatorTest, FullPayloadsGetSlotsOfExactlyTheirSize) {
  const auto allocator = Make(4, Options());
  EXPECT_EQ(allocator->Allocate(BlockCount(10)), At(0, 10));
  EXPECT_EQ(allocator->Allocate(BlockCount(10)), At(10, 10));
  EXPECT_EQ(allocator->Allocate(BlockCount(30)), At(64, 30));
  EXPECT_EQ(allocator->Allocate(BlockCount(3)), At(128, 3));
  EXPECT_EQ(allocator->free_blocks(), BlockCount(4 * 64 - 10 - 10 - 30 - 3));
  allocator->CheckInvariants();
}

TEST(SlabAllocatorTest, AnEmptySlabGivesItsSegmentBack) {
  const auto allocator = Make(1, Options());
  const Placement ten = *allocator->Allocate(BlockCount(10));
  EXPECT_EQ(allocator->Allocate(BlockCount(30)), std::nullopt);
  EXPECT_EQ(allocator->segments_free(), 0u);
  allocator->Free(ten);
  EXPECT_EQ(allocator->segments_free(), 1u);
  EXPECT_EQ(allocator->Allocate(BlockCount(30)), At(0, 30));
  allocator->CheckInvariants();
}

TEST(SlabAllocatorTest, PrefersTheLowestSegmentWithRoom) {
  const auto allocator = Make(4, Options());
  const std::vector<Placement> tens = AllocateAll(*allocator, 10);
  EXPECT_EQ(tens.size(), 24u);
  allocator->Free(tens[20]);
  allocator->Free(tens[7]);
  EXPECT_EQ(allocator->Allocate(BlockCount(10)), tens[7]);
  EXPECT_EQ(allocator->Allocate(BlockCount(10)), tens[20]);
}

TEST(SlabAllocatorTest, UsesAShortLastSegmentThatHoldsEverySlot) {
  const auto allocator = *SlabAllocator::Create(BlockCount(64 + 35), Options());
  EXPECT_EQ(AllocateAll(*allocator, 10).size(), 6u + 3u);
  allocator->CheckInvariants();
  const auto without = *SlabAllocator::Create(BlockCount(64 + 29), Options());
  EXPECT_EQ(AllocateAll(*without, 10).size(), 6u);
  EXPECT_EQ(without->free_blocks(), BlockCount(4 + 29));
}

TEST(SlabAllocatorTest, PartialBorrowsSegmentsWhileFullKeepsItsReservation) {
  const auto allocator = Make(4, Options());
  AllocateAll(*allocator, 16);
  EXPECT_EQ(allocator->segments_free(), 2u);
  EXPECT_EQ(AllocateAll(*allocator, 10).size(), 12u);
  allocator->CheckInvariants();
}

TEST(SlabAllocatorTest, WithoutFallbackPartialHasItsShareOnly) {
  SlabOptions options = Options();
  options.fallback = false;
  options.partial_share_basis_points = 2500;
  const auto allocator = Make(4, options);
  EXPECT_EQ(AllocateAll(*allocator, 16).size(), 4u);
  EXPECT_EQ(AllocateAll(*allocator, 10).size(), 18u);
  EXPECT_EQ(allocator->largest_allocation(), BlockCount(30));
}

TEST(SlabAllocatorTest, FullNeverTakesPartialsShare) {
  SlabOptions options = Options();
  options.partial_share_basis_points = 5000;
  const auto allocator = Make(4, options);
  EXPECT_EQ(AllocateAll(*allocator, 10).size(), 12u);
  EXPECT_EQ(allocator->segments_free(), 2u);
  const Placement small = *allocator->Allocate(BlockCount(9));
  EXPECT_FALSE(allocator->Helps(small, BlockCount(10)));
}

TEST(SlabAllocatorTest, PartialBorrowsAFullSlotWhenNoSegmentIsLeft) {
  SlabOptions options = Options();
  options.full_reservation_basis_points = 6700;
  options.rebind = false;
  const auto allocator = Make(3, options);
  std::vector<Placement> tens = AllocateAll(*allocator, 10);
  for (int i = 0; i < 8; ++i) {
    allocator->Free(tens.back());
    tens.pop_back();
  }
  ASSERT_TRUE(allocator->Allocate(BlockCount(30)).has_value());
  const std::vector<Placement> borrowed = AllocateAll(*allocator, 9);
  EXPECT_EQ(borrowed.size(), 2u);
  EXPECT_EQ(borrowed[0].blocks(), BlockCount(10));
  EXPECT_EQ(allocator->Statistics()[0].slots_borrowed, 2u);
  EXPECT_TRUE(allocator->Helps(borrowed[0], BlockCount(9)));
  EXPECT_FALSE(allocator->Helps(tens[0], BlockCount(9)));
  allocator->Free(borrowed[0]);
  EXPECT_EQ(allocator->Allocate(BlockCount(8)), borrowed[0]);
  allocator->CheckInvariants();
}

TEST(SlabAllocatorTest, BorrowingSlotsLeavesTheReservation) {
  SlabOptions options = Options();
  options.partial_max = BlockCount(8);
  const auto allocator = Make(4, options);
  // 20 blocks exceed the largest Partial slot: they may only borrow.
  const std::vector<Placement> borrowed = AllocateAll(*allocator, 20);
  EXPECT_EQ(borrowed.size(), 4u);
  EXPECT_EQ(allocator->Allocate(BlockCount(3)), std::nullopt);
  // Returning any of them lets Partial own a segment again.
  EXPECT_TRUE(allocator->Helps(borrowed[0], BlockCount(3)));
  EXPECT_EQ(AllocateAll(*allocator, 30).size(), 4u);
  allocator->CheckInvariants();
}

TEST(SlabAllocatorTest, RefusesWhatNoSlotCanHold) {
  SlabOptions options = Options();
  options.partial_max = BlockCount(8);
  EXPECT_EQ(Make(4, options)->Allocate(BlockCount(31)), std::nullopt);
  EXPECT_EQ(Make(4, options)->largest_allocation(), BlockCount(30));
  options.fallback = false;
  const auto allocator = Make(4, options);
  EXPECT_EQ(allocator->Allocate(BlockCount(20)), std::nullopt);
  const Placement live = *allocator->Allocate(BlockCount(30));
  EXPECT_FALSE(allocator->Helps(live, BlockCount(20)));
  EXPECT_FALSE(allocator->Helps(live, BlockCount(31)));
}

TEST(SlabAllocatorTest, APartialLargerThanEveryFullIsPossible) {
  SlabOptions options = Options();
  options.partial_max = BlockCount(64);
  const auto allocator = Make(4, options);
  EXPECT_EQ(allocator->largest_allocation(), BlockCount(64));
  EXPECT_TRUE(allocator->Allocate(BlockCount(64)).has_value());
}

TEST(SlabAllocatorTest, MarkTakesOnlySlotsOfTheGrid) {
  const auto allocator = Make(2, Options());
  EXPECT_TRUE(allocator->Mark(At(20, 10)));
  EXPECT_FALSE(allocator->Mark(At(20, 10)));
  EXPECT_FALSE(allocator->Mark(At(25, 10)));
  EXPECT_FALSE(allocator->Mark(At(60, 10)));
  EXPECT_FALSE(allocator->Mark(At(30, 30)));
  EXPECT_FALSE(allocator->Mark(At(64, 63)));
  EXPECT_FALSE(allocator->Mark(At(128, 10)));
  EXPECT_FALSE(allocator->Mark(At(0, 0)));
  EXPECT_FALSE(allocator->Mark(Placement()));
  EXPECT_FALSE(allocator->Mark(Placement(Extent(BlockIndex(kMaxSpace.value() - 1), BlockCount(1)))));
  EXPECT_EQ(allocator->free_blocks(), BlockCount(118));
  EXPECT_EQ(allocator->segments_free(), 1u);
  EXPECT_EQ(allocator->Allocate(BlockCount(10)), At(30, 10));
  allocator->CheckInvariants();
}

TEST(SlabAllocatorTest, StatisticsCountEveryClass) {
  const auto allocator = Make(4, Options());
  allocator->Allocate(BlockCount(30));
  allocator->Allocate(BlockCount(7));
  const auto statistics = allocator->Statistics();
  EXPECT_EQ(statistics[1].slot, BlockCount(30));
  EXPECT_EQ(statistics[1].slots_used, 1u);
  EXPECT_EQ(statistics[1].slots, 2u);
  EXPECT_EQ(statistics[1].segments, 1u);
  uint64_t partial_segments = 0;
  for (const auto& of_class : statistics) {
    if (of_class.kind == PayloadKind::kPartial) partial_segments += of_class.segments;
  }
  EXPECT_EQ(partial_segments, 1u);
}

TEST(SlabAllocatorDeathTest, CatchesWhatIsNotLive) {
  const auto allocator = Make(2, Options());
  const Placement live = *allocator->Allocate(BlockCount(10));
  ASSERT_TRUE(allocator->Allocate(BlockCount(10)).has_value());
  EXPECT_DEATH(allocator->Free(At(5, 10)), "not live");
  EXPECT_DEATH(allocator->Free(At(64, 10)), "not live");
  allocator->Free(live);
  EXPECT_DEATH(allocator->Free(live), "not live");
}

// A cache in front of the allocator: evicts the coldest entries that help until
// the new one fits.
class Cache {
 public:
  explicit Cache(Allocator& allocator) : allocator_(allocator) {}

  // False if nothing that is left would help.
  bool Put(uint64_t count) {
    for (;;) {
      if (auto placement = allocator_.Allocate(BlockCount(count))) {
        entries_.push_back(*placement);
        return true;
      }
      if (!EvictFor(count)) return false;
    }
  }
  uint64_t evictions() const { return evictions_; }
  size_t size() const { return entries_.size(); }
  BlockCount used() const { return allocator_.capacity() - allocator_.free_blocks(); }

 private:
  bool EvictFor(uint64_t count) {
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      if (!allocator_.Helps(*entry, BlockCount(count))) continue;
      allocator_.Free(*entry);
      entries_.erase(entry);
      ++evictions_;
      return true;
    }
    return false;
  }

  Allocator& allocator_;
  std::list<Placement> entries_;  // coldest first
  uint64_t evictions_ = 0;
};

TEST(SlabAllocatorTest, AModelSwitchRefusesNothingAndMovesTheSpace) {
  const auto allocator = Make(40, Options());
  Cache cache(*allocator);
  constexpr uint64_t kOld = 40 * 6;
  constexpr uint64_t kNew = 40 * 2;
  for (uint64_t i = 0; i < 3 * kOld; ++i) ASSERT_TRUE(cache.Put(10));
  EXPECT_EQ(cache.size(), kOld);
  const uint64_t evictions_before = cache.evictions();
  // Six turnovers of the new model's payloads: it has the space by then, and
  // paid for it with no more than the old entries and one of its own per put.
  for (uint64_t i = 0; i < 6 * kNew; ++i) {
    ASSERT_TRUE(cache.Put(30)) << "refused put " << i;
    allocator->CheckInvariants();
  }
  EXPECT_LE(cache.evictions() - evictions_before, kOld + 6 * kNew);
  EXPECT_GE(allocator->Statistics()[1].segments, 36u);
  EXPECT_GE(allocator->segments_rebound(), 36u);
  EXPECT_GE(cache.used().value(), 40u * 60 * 95 / 100);
}

TEST(SlabAllocatorTest, WithoutRebindingASwitchIsRefused) {
  SlabOptions options = Options();
  options.rebind = false;
  const auto allocator = Make(4, options);
  Cache cache(*allocator);
  while (allocator->segments_free() > 0) ASSERT_TRUE(cache.Put(10));
  EXPECT_FALSE(cache.Put(30));
  EXPECT_EQ(cache.evictions(), 0u);
}

TEST(SlabAllocatorTest, ADrainingSegmentServesOnlyItsEnd) {
  SlabOptions options = Options();
  options.full_reservation_basis_points = 0;
  const auto allocator = Make(2, options);
  const std::vector<Placement> tens = AllocateAll(*allocator, 10);
  EXPECT_EQ(allocator->Allocate(BlockCount(30)), std::nullopt);
  EXPECT_EQ(allocator->Statistics()[0].segments_draining, 1u);
  int helping = 0;
  for (const Placement& ten : tens) helping += allocator->Helps(ten, BlockCount(30)) ? 1 : 0;
  EXPECT_EQ(helping, 6);
  EXPECT_TRUE(allocator->Helps(tens[0], BlockCount(30)));
  EXPECT_FALSE(allocator->Helps(tens[0], BlockCount(10)));
  allocator->Free(tens[0]);
  EXPECT_EQ(allocator->Allocate(BlockCount(10)), std::nullopt);
  for (int i = 1; i < 6; ++i) allocator->Free(tens[i]);
  EXPECT_EQ(allocator->segments_rebound(), 1u);
  EXPECT_EQ(allocator->Allocate(BlockCount(30)), At(0, 30));
  allocator->CheckInvariants();
}

TEST(SlabAllocatorTest, AClassLeftWithoutASegmentTakesItsDrainingOneBack) {
  const auto allocator = Make(1, Options());
  ASSERT_TRUE(allocator->Allocate(BlockCount(10)).has_value());
  EXPECT_EQ(allocator->Allocate(BlockCount(30)), std::nullopt);
  EXPECT_EQ(allocator->Statistics()[0].segments_draining, 1u);
  EXPECT_EQ(allocator->Allocate(BlockCount(10)), At(10, 10));
  EXPECT_EQ(allocator->Statistics()[0].segments_draining, 0u);
  allocator->CheckInvariants();
}

TEST(SlabAllocatorTest, TheLatestDemandTakesADrainingSegmentOver) {
  SlabOptions options = Options();
  options.full_sizes = {BlockCount(10), BlockCount(20), BlockCount(30)};
  const auto allocator = Make(1, options);
  const Placement ten = *allocator->Allocate(BlockCount(10));
  EXPECT_EQ(allocator->Allocate(BlockCount(20)), std::nullopt);
  EXPECT_TRUE(allocator->Helps(ten, BlockCount(20)));
  EXPECT_EQ(allocator->Allocate(BlockCount(30)), std::nullopt);
  EXPECT_FALSE(allocator->Helps(ten, BlockCount(20)));
  EXPECT_TRUE(allocator->Helps(ten, BlockCount(30)));
  allocator->CheckInvariants();
}

TEST(SlabAllocatorTest, PartialAtItsLimitDrainsPartialOnly) {
  const auto allocator = Make(4, Options());
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(allocator->Allocate(BlockCount(10)).has_value());
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(allocator->Allocate(BlockCount(16)).has_value());
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(allocator->Allocate(BlockCount(15)).has_value());
  EXPECT_EQ(allocator->Allocate(BlockCount(20)), std::nullopt);
  for (const auto& of_class : allocator->Statistics()) {
    EXPECT_EQ(of_class.segments_draining, of_class.slot == BlockCount(16) ? 1u : 0u) << of_class.slot;
  }
}

TEST(SlabAllocatorTest, TheGreatestSurplusDonates) {
  SlabOptions options = Options();
  options.full_sizes = {BlockCount(10), BlockCount(20), BlockCount(30)};
  const auto allocator = Make(8, options);
  for (int i = 0; i < 36; ++i) ASSERT_TRUE(allocator->Allocate(BlockCount(10)).has_value());
  for (int i = 0; i < 6; ++i) ASSERT_TRUE(allocator->Allocate(BlockCount(20)).has_value());
  EXPECT_EQ(allocator->Allocate(BlockCount(30)), std::nullopt);
  EXPECT_EQ(allocator->Statistics()[0].segments_draining, 1u);
  EXPECT_EQ(allocator->Statistics()[1].segments_draining, 0u);
}

TEST(SlabAllocatorTest, OnlyPartialMakesRoomForWhatItBorrows) {
  SlabOptions options = Options();
  options.partial_max = BlockCount(8);
  const auto allocator = Make(4, options);
  const std::vector<Placement> partial = AllocateAll(*allocator, 8);
  ASSERT_EQ(partial.size(), 2u * 8);
  const Placement full = *allocator->Allocate(BlockCount(30));
  // 20 blocks can only borrow, and Partial owns all that the reservation leaves.
  EXPECT_EQ(allocator->Allocate(BlockCount(20)), std::nullopt);
  EXPECT_FALSE(allocator->Helps(full, BlockCount(20)));
  int helping = 0;
  for (const Placement& eight : partial) helping += allocator->Helps(eight, BlockCount(20)) ? 1 : 0;
  EXPECT_EQ(helping, 8);
  EXPECT_EQ(allocator->Statistics()[1].segments_draining, 0u);
}

TEST(SlabAllocatorTest, ANominationEndsWhenNobodyAsksAnyMore) {
  SlabOptions options = Options();
  options.full_reservation_basis_points = 0;
  const auto allocator = Make(8, options);
  Cache cache(*allocator);
  while (allocator->segments_free() > 0) ASSERT_TRUE(cache.Put(10));
  EXPECT_EQ(allocator->Allocate(BlockCount(30)), std::nullopt);
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(cache.Put(10));
    allocator->CheckInvariants();
  }
  EXPECT_EQ(allocator->Statistics()[0].segments_draining, 0u);
}

TEST(SlabAllocatorTest, AStableMixSettlesWithoutRebinding) {
  const auto allocator = Make(32, Options());
  Cache cache(*allocator);
  const auto put_round = [&] {
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(cache.Put(10));
    ASSERT_TRUE(cache.Put(30));
    ASSERT_TRUE(cache.Put(16));
  };
  for (int i = 0; i < 300; ++i) put_round();
  const uint64_t settled = allocator->segments_rebound();
  const uint64_t evictions = cache.evictions();
  for (int i = 0; i < 300; ++i) put_round();
  EXPECT_LE(allocator->segments_rebound() - settled, 3u);
  EXPECT_LE(cache.evictions() - evictions, 300u * 5 + 20);
}

}  // namespace
}  // namespace slotwise
