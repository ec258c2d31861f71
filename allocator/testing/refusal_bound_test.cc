// SPDX-License-Identifier: Apache-2.0
// The theorem of docs/assurance.md about scatter, against scattering itself: every
// engine that takes pieces as ScatterMayRefuse assumes, also the unluckiest.
#include "allocator/testing/refusal_bound.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

std::vector<Extent> RunsOf(const std::vector<uint64_t>& sizes) {
  std::vector<Extent> runs;
  BlockIndex start;
  for (uint64_t size : sizes) {
    runs.emplace_back(start, BlockCount(size));
    start = runs.back().end() + BlockCount(1);
  }
  return runs;
}

BlockCount BlocksOf(const std::vector<Extent>& runs) {
  BlockCount blocks;
  for (const Extent& run : runs) blocks += run.count();
  return blocks;
}

// Whether pieces from `sizes` make up `count`, when each piece is taken from the
// run that `pick` chooses, whole unless it is the last.
bool Scatters(const ScatterLimits& limits, uint64_t count, std::vector<uint64_t> sizes,
              const std::function<size_t(const std::vector<uint64_t>&)>& pick) {
  for (uint32_t pieces = 1; pieces <= limits.extents_max && !sizes.empty(); ++pieces) {
    const size_t chosen = pick(sizes);
    if (sizes[chosen] >= count) return true;
    if (sizes[chosen] < limits.piece_min.value()) return false;
    count -= sizes[chosen];
    sizes.erase(sizes.begin() + static_cast<std::ptrdiff_t>(chosen));
  }
  return false;
}

// The smallest run that no other exceeds by more than a sixteenth.
size_t Unluckiest(const std::vector<uint64_t>& sizes) {
  const uint64_t largest = *std::max_element(sizes.begin(), sizes.end());
  size_t chosen = sizes.size();
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] + sizes[i] / 16 < largest) continue;
    if (chosen == sizes.size() || sizes[i] < sizes[chosen]) chosen = i;
  }
  return chosen;
}

// Calls `visit` for every ascending list of up to `runs` sizes up to `size_max`.
void ForEachList(size_t runs, uint64_t size_max, std::vector<uint64_t>& sizes,
                 const std::function<void(const std::vector<uint64_t>&)>& visit) {
  visit(sizes);
  if (runs == 0) return;
  for (uint64_t size = sizes.empty() ? 1 : sizes.back(); size <= size_max; ++size) {
    sizes.push_back(size);
    ForEachList(runs - 1, size_max, sizes, visit);
    sizes.pop_back();
  }
}

void ExpectBound(const ScatterLimits& limits, uint64_t count, const std::vector<uint64_t>& sizes) {
  const std::vector<Extent> runs = RunsOf(sizes);
  const bool may_refuse = ScatterMayRefuse(limits, BlockCount(count), runs);
  ASSERT_TRUE(may_refuse || Scatters(limits, count, sizes, Unluckiest));
  ASSERT_TRUE(!may_refuse || BlocksOf(runs) <= ScatterFreeBound(limits, BlockCount(count), runs));
}

TEST(RefusalBoundTest, HoldsForEveryFewSmallRuns) {
  std::vector<uint64_t> sizes;
  ForEachList(5, 7, sizes, [](const std::vector<uint64_t>& list) {
    for (uint32_t extents_max = 1; extents_max <= 4; ++extents_max) {
      for (uint64_t piece_min = 1; piece_min <= 5; ++piece_min) {
        for (uint64_t count = 1; count <= 20; ++count) ExpectBound({extents_max, BlockCount(piece_min)}, count, list);
      }
    }
  });
}

RC_GTEST_PROP(RefusalBoundTest, HoldsForUnluckyPicksAmongLargeRuns, ()) {
  const auto sizes = *rc::gen::container<std::vector<uint64_t>>(rc::gen::inRange<uint64_t>(1, 400));
  const ScatterLimits limits{*rc::gen::inRange<uint32_t>(1, 9), BlockCount(*rc::gen::inRange<uint64_t>(1, 100))};
  ExpectBound(limits, *rc::gen::inRange<uint64_t>(1, 1500), sizes);
}

// Even shares of one block less than the request, in as many runs as there are:
// the most that can be free when a request is refused.
TEST(RefusalBoundTest, IsReached) {
  const ScatterLimits limits{4, BlockCount(2)};
  const std::vector<uint64_t> sizes(100, 3);
  EXPECT_FALSE(Scatters(limits, 13, sizes, Unluckiest));
  EXPECT_EQ(ServingRun(limits, BlockCount(13)), BlockCount(4));
  EXPECT_EQ(ScatterFreeBound(limits, BlockCount(13), RunsOf(sizes)), BlockCount(12 + 100 * 3));
  EXPECT_TRUE(Scatters(limits, 12, sizes, Unluckiest));
  EXPECT_FALSE(ScatterMayRefuse(limits, BlockCount(12), RunsOf(sizes)));
}

TEST(RefusalBoundTest, JudgesByTheGrid) {
  const std::vector<Extent> runs = {Extent(BlockIndex(3), BlockCount(6)), Extent(BlockIndex(15), BlockCount(5))};
  EXPECT_FALSE(FixedSlotMayRefuse(BlockCount(3), BlockCount(3), runs));
  EXPECT_TRUE(FixedSlotMayRefuse(BlockCount(3), BlockCount(4), runs));
  EXPECT_TRUE(FixedSlotMayRefuse(BlockCount(7), BlockCount(1), runs));
  EXPECT_FALSE(BuddyMayRefuse(BlockCount(1), BlockCount(3), runs));
  EXPECT_TRUE(BuddyMayRefuse(BlockCount(1), BlockCount(5), runs));
  EXPECT_TRUE(BuddyMayRefuse(BlockCount(8), BlockCount(1), runs));
}

TEST(RefusalBoundTest, CountsTheFreeSegments) {
  SlabOptions options;
  options.segment = BlockCount(8);
  options.full_sizes = {BlockCount(2)};
  options.partial_share_basis_points = 2500;
  const BlockCount capacity(4 * 8);
  const std::vector<Extent> one = {Extent(BlockIndex(7), BlockCount(9))};
  const std::vector<Extent> two = {Extent(BlockIndex(7), BlockCount(17))};
  EXPECT_TRUE(SlabMayRefuse(options, capacity, BlockCount(2), one));
  EXPECT_FALSE(SlabMayRefuse(options, capacity, BlockCount(2), two));
  EXPECT_TRUE(SlabMayRefuse(options, capacity, BlockCount(3), two));
  const std::vector<Extent> short_one = {Extent(BlockIndex(8), BlockCount(8)), Extent(BlockIndex(32), BlockCount(2))};
  EXPECT_FALSE(SlabMayRefuse(options, capacity + BlockCount(2), BlockCount(2), short_one));
}

}  // namespace
}  // namespace slotwise
