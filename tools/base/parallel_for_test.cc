// SPDX-License-Identifier: Apache-2.0
#include "tools/base/parallel_for.h"

#include <atomic>
#include <cstddef>
#include <numeric>
#include <vector>

#include "gtest/gtest.h"
#include "rawblock/testing/no_threads.h"

namespace slotwise {
namespace {

TEST(ParallelForTest, CallsEachOnceAndCounts) {
  for (const size_t count : {size_t{0}, size_t{1}, size_t{1000}}) {
    for (const size_t threads : {size_t{1}, size_t{4}}) {
      std::vector<std::atomic<int>> calls(count);
      std::vector<size_t> done;
      ParallelFor(
          count, threads, [&](size_t i) { ++calls[i]; }, [&](size_t ended) { done.push_back(ended); });
      for (const std::atomic<int>& call : calls) EXPECT_EQ(call, 1);
      std::vector<size_t> expected(count);
      std::iota(expected.begin(), expected.end(), size_t{1});
      EXPECT_EQ(done, expected);
    }
  }
}

// Each waits for the other: they end only if they run at once.
TEST(ParallelForTest, RunsThemAtOnce) {
  std::atomic<int> arrived = 0;
  const auto meet = [&](size_t) {
    ++arrived;
    while (arrived < 2) arrived.wait(1);
    arrived.notify_all();
  };
  ParallelFor(2, 2, meet, [](size_t) {});
  EXPECT_EQ(arrived, 2);
}

TEST(ParallelForTest, DoesAllWithoutThreads) {
  const NoThreads none;
  size_t calls = 0;
  size_t done = 0;
  ParallelFor(
      5, 3, [&](size_t) { ++calls; }, [&](size_t ended) { done = ended; });
  EXPECT_EQ(calls, 5u);
  EXPECT_EQ(done, 5u);
}

}  // namespace
}  // namespace slotwise
