// SPDX-License-Identifier: Apache-2.0
// What the models in fuzz/ do not say: where placements lie, scatter, the window,
// the magazine, and the limits.
#include "allocator/extent_allocator.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "allocator/extent.h"
#include "allocator/extent_options.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

Placement Take(ExtentAllocator& allocator, uint64_t count) {
  const std::optional<Placement> placement = allocator.Allocate(BlockCount(count));
  EXPECT_TRUE(placement.has_value()) << count;
  return placement.value_or(Placement());
}

// Fills the space with extents of `count` blocks.
std::vector<Placement> Fill(ExtentAllocator& allocator, uint64_t count) {
  std::vector<Placement> placements;
  while (const auto placement = allocator.Allocate(BlockCount(count))) placements.push_back(*placement);
  return placements;
}

TEST(ExtentAllocatorTest, GivesExactlyWhatIsAsked) {
  ExtentAllocator allocator(BlockCount(1000), {});
  EXPECT_EQ(Take(allocator, 7).blocks(), BlockCount(7));
  EXPECT_EQ(allocator.free_blocks(), BlockCount(993));
}

TEST(ExtentAllocatorTest, ServesUpToAQuarterOfTheLargestSpace) {
  ExtentAllocator allocator(kMaxSpace, {});
  const BlockCount quarter(kMaxSpace.value() / 4);
  EXPECT_EQ(allocator.largest_allocation(), quarter);
  EXPECT_FALSE(allocator.Allocate(quarter + BlockCount(1)).has_value());
  std::vector<Placement> quarters;
  for (int i = 0; i < 4; ++i) quarters.push_back(Take(allocator, quarter.value()));
  EXPECT_EQ(allocator.free_blocks(), BlockCount(0));
  allocator.CheckInvariants();
  for (const Placement& placement : quarters) allocator.Free(placement);
  EXPECT_EQ(allocator.largest_free_run(), kMaxSpace);
  allocator.CheckInvariants();
}

TEST(ExtentAllocatorTest, NeighboursMergeAtOnce) {
  ExtentAllocator allocator(BlockCount(100), {});
  const Placement a = Take(allocator, 10);
  const Placement b = Take(allocator, 11);
  const Placement c = Take(allocator, 12);
  allocator.Free(a);
  allocator.Free(c);
  EXPECT_EQ(allocator.free_run_count(), 2u);
  allocator.Free(b);
  EXPECT_EQ(allocator.free_run_count(), 1u);
  EXPECT_EQ(allocator.largest_free_run(), BlockCount(100));
}

// Every other extent of 10 blocks free: no run holds 25.
TEST(ExtentAllocatorTest, ScattersWhatNoRunHolds) {
  ExtentAllocator allocator(BlockCount(400), {.extents_max = 3, .piece_min = BlockCount(10)});
  const std::vector<Placement> all = Fill(allocator, 10);
  for (size_t i = 0; i < all.size(); i += 2) allocator.Free(all[i]);
  const Placement scattered = Take(allocator, 25);
  EXPECT_EQ(scattered.size(), 3u);
  EXPECT_EQ(scattered.blocks(), BlockCount(25));
  allocator.CheckInvariants();
  EXPECT_FALSE(allocator.Allocate(BlockCount(31)).has_value()) << "four pieces are too many";
  EXPECT_EQ(allocator.free_blocks(), BlockCount(175)) << "a refusal takes nothing";
  allocator.CheckInvariants();
}

TEST(ExtentAllocatorTest, AllPiecesButTheLastAreLarge) {
  ExtentAllocator allocator(BlockCount(400), {.extents_max = 8, .piece_min = BlockCount(11)});
  const std::vector<Placement> all = Fill(allocator, 10);
  for (size_t i = 0; i < all.size(); i += 2) allocator.Free(all[i]);
  EXPECT_FALSE(allocator.Allocate(BlockCount(25)).has_value());
}

// However much smaller what is evicted: a request costs evictions of its own size,
// a little more where the window cuts through an extent.
TEST(ExtentAllocatorTest, AWindowKeepsEvictionsNearTheRequest) {
  ExtentAllocator allocator(BlockCount(40'000), {});
  std::vector<Placement> live = Fill(allocator, 4);
  for (size_t i = 0; i < live.size(); i += 8) {
    allocator.Free(live[i]);
    live[i] = Placement();
  }
  ASSERT_GT(allocator.free_blocks(), BlockCount(2000));
  uint64_t evicted = 0;
  for (size_t next = 0; !allocator.Allocate(BlockCount(2000)).has_value();) {
    while (live[next].empty() || !allocator.Helps(live[next], BlockCount(2000))) next = (next + 7919) % live.size();
    evicted += live[next].blocks().value();
    allocator.Free(live[next]);
    live[next] = Placement();
  }
  EXPECT_LE(evicted, 2008u);
  allocator.CheckInvariants();
}

TEST(ExtentAllocatorTest, AWindowThatCannotBeClearedIsLaidElsewhere) {
  ExtentAllocator allocator(BlockCount(4000), {});
  std::vector<Placement> live = Fill(allocator, 4);
  for (size_t i = 0; i < live.size(); i += 2) {
    allocator.Free(live[i]);
    live[i] = Placement();
  }
  ASSERT_FALSE(allocator.Allocate(BlockCount(400)).has_value());
  std::vector<bool> pinned(live.size());
  for (size_t i = 1; i < live.size(); i += 2) pinned[i] = allocator.Helps(live[i], BlockCount(400));
  for (size_t i = 1; i < live.size(); i += 4) {
    if (pinned[i]) continue;
    allocator.Free(live[i]);
    live[i] = Placement();
  }
  ASSERT_FALSE(allocator.Allocate(BlockCount(400)).has_value());
  size_t helping = 0;
  for (size_t i = 3; i < live.size(); i += 4)
    helping += !pinned[i] && allocator.Helps(live[i], BlockCount(400)) ? 1 : 0;
  EXPECT_GT(helping, 0u);
}

// A space full of payloads of 4 blocks, 110 of which leave a hole; 200 blocks are refused.
class CrumbsTest : public ::testing::Test {
 protected:
  static constexpr BlockCount kRefused{200};

  CrumbsTest() {
    for (size_t i = 0; i < 110; ++i) Evict(i * 16);
    EXPECT_FALSE(allocator_.Allocate(kRefused).has_value());
  }
  void Evict(size_t i) { allocator_.Free(std::exchange(live_[i], Placement())); }
  size_t Helping(BlockCount count) const {
    return static_cast<size_t>(std::count_if(live_.begin(), live_.end(), [&](const Placement& placement) {
      return !placement.empty() && allocator_.Helps(placement, count);
    }));
  }
  size_t Live() const {
    return live_.size() - static_cast<size_t>(std::count(live_.begin(), live_.end(), Placement()));
  }
  // Small payloads take what is evicted: free space does not grow.
  void ChurnUntilAWindowIsLaid() {
    for (size_t i = 0; i < 100; ++i) {
      Evict(i * 16 + 8);
      live_[i * 16] = Take(allocator_, 4);
    }
    EXPECT_FALSE(allocator_.Allocate(kRefused).has_value());
  }

  ExtentAllocator allocator_{BlockCount(40'000), {}};
  std::vector<Placement> live_ = Fill(allocator_, 4);
};

TEST_F(CrumbsTest, AtFirstAnyVictimHelps) { EXPECT_EQ(Helping(kRefused), Live()); }

TEST_F(CrumbsTest, WhenAsMuchWasFreedInVainOnlyAWindowHelps) {
  ChurnUntilAWindowIsLaid();
  EXPECT_GT(Helping(kRefused), 0u);
  EXPECT_LE(Helping(kRefused), kRefused.value() / 4 + 1);
  EXPECT_EQ(Helping(BlockCount(100)), Live()) << "half as large is another request";
}

TEST_F(CrumbsTest, TheWindowGoesWithItsRequest) {
  ChurnUntilAWindowIsLaid();
  while (!allocator_.Allocate(kRefused).has_value()) {
    const auto victim = std::find_if(live_.begin(), live_.end(), [&](const Placement& placement) {
      return !placement.empty() && allocator_.Helps(placement, kRefused);
    });
    ASSERT_NE(victim, live_.end());
    Evict(static_cast<size_t>(victim - live_.begin()));
  }
  EXPECT_EQ(Helping(kRefused), Live());
}

TEST(ExtentAllocatorTest, NothingHelpsWhatCanNeverFit) {
  ExtentAllocator allocator(BlockCount(100), {});
  EXPECT_FALSE(allocator.Helps(Take(allocator, 10), BlockCount(26)));
}

TEST(ExtentAllocatorTest, ParkedRunsAreFreeAndServeOtherRequests) {
  ExtentAllocator allocator(BlockCount(400), {});
  std::vector<Placement> live = Fill(allocator, 10);
  for (int round = 0; round < 100; ++round) {
    allocator.Free(live.back());
    live.back() = Take(allocator, 10);
  }
  for (const Placement& placement : live) allocator.Free(placement);
  EXPECT_EQ(allocator.free_blocks(), BlockCount(400));
  EXPECT_GT(allocator.free_run_count(), 0u);
  EXPECT_LT(allocator.largest_free_run(), BlockCount(400)) << "nothing was parked";
  allocator.CheckInvariants();
  EXPECT_EQ(Take(allocator, 100).size(), 1u);
  allocator.CheckInvariants();
}

TEST(ExtentAllocatorTest, MarksInAnyOrderThenAllocates) {
  ExtentAllocator allocator(BlockCount(1000), {});
  EXPECT_TRUE(allocator.Mark(Placement(Extent(BlockIndex(500), BlockCount(100)))));
  EXPECT_TRUE(allocator.Mark(Placement(Extent(BlockIndex(0), BlockCount(10)))));
  EXPECT_FALSE(allocator.Mark(Placement(Extent(BlockIndex(599), BlockCount(2)))));
  EXPECT_FALSE(allocator.Mark(Placement(Extent(BlockIndex(999), BlockCount(2)))));
  allocator.CheckInvariants();
  EXPECT_EQ(allocator.free_blocks(), BlockCount(890));
  const Placement taken = Take(allocator, 250);
  allocator.CheckInvariants();
  EXPECT_FALSE(allocator.Mark(taken));
  allocator.Free(taken);
  allocator.CheckInvariants();
}

TEST(ExtentAllocatorTest, AHalfTakenMarkChangesNothing) {
  ExtentAllocator allocator(BlockCount(1000), {});
  ASSERT_TRUE(allocator.Mark(Placement(Extent(BlockIndex(500), BlockCount(100)))));
  Placement overlapping(Extent(BlockIndex(0), BlockCount(40)));
  overlapping.Append(Extent(BlockIndex(590), BlockCount(40)));
  EXPECT_FALSE(allocator.Mark(overlapping));
  Placement itself(Extent(BlockIndex(0), BlockCount(40)));
  itself.Append(Extent(BlockIndex(39), BlockCount(40)));
  EXPECT_FALSE(allocator.Mark(itself));
  EXPECT_TRUE(allocator.Mark(Placement(Extent(BlockIndex(0), BlockCount(80)))));
}

TEST(ExtentAllocatorDeathTest, WhatIsNotLiveCannotBeFreed) {
  ExtentAllocator allocator(BlockCount(400), {});
  const Placement live = Take(allocator, 10);
  EXPECT_DEATH(allocator.Free(Placement(Extent(BlockIndex(0), BlockCount(9)))), "is not live");
  EXPECT_DEATH(allocator.Free(Placement(Extent(BlockIndex(10), BlockCount(9)))), "is not live");
  EXPECT_DEATH(allocator.Free(Placement(Extent(BlockIndex(395), BlockCount(9)))), "is not live");
  allocator.Free(live);
  EXPECT_DEATH(allocator.Free(live), "is not live");
}

TEST(ExtentAllocatorDeathTest, AParkedExtentCannotBeFreedTwice) {
  ExtentAllocator allocator(BlockCount(400), {});
  std::vector<Placement> live = Fill(allocator, 10);
  for (int round = 0; round < 100; ++round) {
    allocator.Free(live.back());
    live.back() = Take(allocator, 10);
  }
  allocator.Free(live.back());
  EXPECT_DEATH(allocator.Free(live.back()), "is not live");
}

}  // namespace
}  // namespace slotwise
