// SPDX-License-Identifier: Apache-2.0
#include "allocator/segment_shares.h"

#include "gtest/gtest.h"

namespace slotwise {
namespace {

constexpr PayloadKind kFull = PayloadKind::kFull;
constexpr PayloadKind kPartial = PayloadKind::kPartial;

SlabOptions Options(uint32_t partial_share, uint32_t full_reservation, bool fallback) {
  SlabOptions options;
  options.segment = BlockCount(100);
  options.partial_share_basis_points = partial_share;
  options.full_reservation_basis_points = full_reservation;
  options.fallback = fallback;
  return options;
}

uint64_t OwnAll(SegmentShares& shares, PayloadKind kind) {
  uint64_t segments = 0;
  for (; shares.MayOwnMore(kind); ++segments) shares.Own(kind);
  return segments;
}

TEST(SegmentSharesTest, FullNeverOwnsPartialsShare) {
  SegmentShares shares(Options(3000, 0, true), 10);
  EXPECT_EQ(OwnAll(shares, kFull), 7u);
  EXPECT_EQ(shares.limit(kFull), 7u);
}

TEST(SegmentSharesTest, PartialBorrowsSegmentsUpToTheReservation) {
  SegmentShares shares(Options(3000, 4000, true), 10);
  EXPECT_EQ(OwnAll(shares, kPartial), 6u);
  EXPECT_EQ(shares.limit(kPartial), 6u);
  EXPECT_FALSE(shares.MayBorrow(BlockCount(1)));
}

TEST(SegmentSharesTest, WithoutFallbackPartialStaysWithinItsShare) {
  SegmentShares shares(Options(3000, 0, false), 10);
  EXPECT_EQ(OwnAll(shares, kPartial), 3u);
  EXPECT_EQ(shares.limit(kPartial), 3u);
  EXPECT_FALSE(shares.MayBorrow(BlockCount(1)));
  EXPECT_FALSE(shares.MayEverBorrow(BlockCount(1)));
}

TEST(SegmentSharesTest, AReservationDoesNotCutIntoPartialsShare) {
  SegmentShares shares(Options(6000, 8000, true), 10);
  EXPECT_EQ(OwnAll(shares, kPartial), 6u);
  EXPECT_FALSE(shares.MayBorrow(BlockCount(1)));
  EXPECT_TRUE(shares.MayEverBorrow(BlockCount(100)));
}

TEST(SegmentSharesTest, BorrowedSlotsCountAgainstTheReservation) {
  SegmentShares shares(Options(0, 9000, true), 10);
  EXPECT_TRUE(shares.MayBorrow(BlockCount(60)));
  shares.Borrow(BlockCount(60));
  EXPECT_FALSE(shares.MayBorrow(BlockCount(60)));
  EXPECT_TRUE(shares.MayBorrow(BlockCount(40)));
  EXPECT_FALSE(shares.MayOwnMore(kPartial));
  EXPECT_TRUE(shares.MayOwnMore(kFull));
  shares.Return(BlockCount(60));
  EXPECT_TRUE(shares.MayOwnMore(kPartial));
}

TEST(SegmentSharesTest, RoundsSharesToWholeSegments) {
  EXPECT_EQ(SegmentsOfShare(5000, 3), 2u);
  EXPECT_EQ(SegmentsOfShare(1000, 3), 0u);
  EXPECT_EQ(SegmentsOfShare(10000, uint64_t{1} << 32), uint64_t{1} << 32);
}

}  // namespace
}  // namespace slotwise
