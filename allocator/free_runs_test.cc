// SPDX-License-Identifier: Apache-2.0
#include "allocator/free_runs.h"

#include <algorithm>
#include <map>

#include "allocator/extent.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

TEST(FreeRunsTest, BinsAreMonotoneAndTight) {
  for (size_t bin = 1; bin <= FreeRuns::BinOf(kMaxSpace); ++bin) {
    const BlockCount start = FreeRuns::BinStart(bin);
    ASSERT_EQ(FreeRuns::BinOf(start), bin);
    ASSERT_EQ(FreeRuns::BinOf(start - BlockCount(1)), bin - 1);
    ASSERT_LE((FreeRuns::BinStart(bin + 1) - start).value() * 16, std::max<uint64_t>(start.value(), 16));
  }
}

TEST(FreeRunsTest, HoldsTheLargestSpace) {
  FreeRuns runs;
  const RunId all = runs.Add(BlockIndex(0), BlockIndex() + kMaxSpace);
  EXPECT_EQ(runs.count(all), kMaxSpace);
  EXPECT_EQ(runs.FindFit(kMaxSpace), all);
  runs.CheckInvariants();
}

TEST(FreeRunsTest, PrefersARunThatHardlyExceeds) {
  FreeRuns runs;
  const RunId large = runs.Add(BlockIndex(0), BlockIndex(1000));
  const RunId close = runs.Add(BlockIndex(2000), BlockIndex(2103));
  EXPECT_EQ(runs.FindFit(BlockCount(101)), close);
  EXPECT_EQ(runs.FindLargest(), large);
}

TEST(FreeRunsTest, TriesOneOfTheRunsThatMayBeTooSmall) {
  FreeRuns runs;
  const RunId fits = runs.Add(BlockIndex(0), BlockIndex(103));
  EXPECT_EQ(runs.FindFit(BlockCount(102)), fits);
  runs.Add(BlockIndex(1000), BlockIndex(1100));
  EXPECT_EQ(runs.FindFit(BlockCount(102)), kNoRun) << "all of the bin were tried";
}

// Whatever FindFit gives is large enough, and it gives something whenever a run
// fits of a bin above that of the request.
RC_GTEST_PROP(FreeRunsTest, FindsWhatAMapHolds, ()) {
  FreeRuns runs;
  std::map<RunId, uint64_t> model;
  for (int step = 0; step < 60; ++step) {
    const auto count = *rc::gen::inRange<uint64_t>(1, 600);
    const BlockIndex start(static_cast<uint64_t>(step) * 1000);
    const int choice = model.empty() ? 0 : *rc::gen::inRange(0, 4);
    if (choice <= 1) {
      const RunId id = runs.Add(start, start + BlockCount(count));
      RC_ASSERT(model.emplace(id, count).second);
    } else {
      const auto any = std::next(model.begin(), *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(model)));
      if (choice == 2) {
        runs.Remove(any->first);
        model.erase(any);
      } else {
        runs.Resize(any->first, start, start + BlockCount(count));
        any->second = count;
      }
    }
    runs.CheckInvariants();
    RC_ASSERT(runs.size() == model.size());
    const BlockCount wanted(*rc::gen::inRange<uint64_t>(1, 600));
    uint64_t largest = 0;
    for (const auto& [id, blocks] : model) largest = std::max(largest, blocks);
    const RunId fit = runs.FindFit(wanted);
    if (fit != kNoRun) RC_ASSERT(model.at(fit) >= wanted.value());
    if (fit == kNoRun) RC_ASSERT(FreeRuns::BinOf(BlockCount(largest)) <= FreeRuns::BinOf(wanted));
    const RunId found = runs.FindLargest();
    RC_ASSERT((found == kNoRun) == model.empty());
    if (found != kNoRun) RC_ASSERT(FreeRuns::BinOf(runs.count(found)) == FreeRuns::BinOf(BlockCount(largest)));
  }
}

}  // namespace
}  // namespace slotwise
