// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/worker_pool.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <latch>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "rawblock/testing/no_threads.h"

namespace slotwise {
namespace {

TEST(WorkerPoolTest, CallsEachTaskOnce) {
  WorkerPool pool(3);
  std::array<std::atomic<int>, 100> calls = {};
  EXPECT_EQ(pool.Run(calls.size(),
                     [&](size_t i) {
                       ++calls[i];
                       return absl::OkStatus();
                     }),
            absl::OkStatus());
  for (const std::atomic<int>& count : calls) EXPECT_EQ(count, 1);
}

TEST(WorkerPoolTest, DoesNothingOfNothing) {
  WorkerPool pool(1);
  EXPECT_EQ(pool.Run(0, [](size_t) { return absl::InternalError("called"); }), absl::OkStatus());
}

TEST(WorkerPoolTest, ServesItselfWhereThereAreNoThreads) {
  const NoThreads none;
  WorkerPool pool(3);
  size_t calls = 0;
  const absl::Status status = pool.Run(5, [&](size_t i) {
    ++calls;
    return i == 3 ? absl::InternalError("the first error") : absl::OkStatus();
  });
  EXPECT_EQ(calls, 5u);
  EXPECT_TRUE(absl::IsInternal(status));
}

TEST(WorkerPoolTest, WorksOnAllThreadsAtOnce) {
  WorkerPool pool(4);
  std::latch all(4);
  EXPECT_EQ(pool.Run(4,
                     [&](size_t) {
                       all.arrive_and_wait();
                       return absl::OkStatus();
                     }),
            absl::OkStatus());
}

TEST(WorkerPoolTest, ReportsAnErrorAfterAllHaveEnded) {
  WorkerPool pool(2);
  std::atomic<int> ended = 0;
  const absl::Status status = pool.Run(10, [&](size_t i) {
    ++ended;
    return i == 3 ? absl::DataLossError("3") : absl::OkStatus();
  });
  EXPECT_EQ(status, absl::DataLossError("3"));
  EXPECT_EQ(ended, 10);
}

TEST(WorkerPoolTest, ServesSeveralCallers) {
  WorkerPool pool(2);
  std::atomic<int> calls = 0;
  {
    std::vector<std::jthread> callers(4);
    for (std::jthread& caller : callers) {
      caller = std::jthread([&] {
        for (int i = 0; i < 100; ++i) {
          int mine = 0;
          EXPECT_EQ(pool.Run(1,
                             [&](size_t) {
                               ++mine;
                               ++calls;
                               return absl::OkStatus();
                             }),
                    absl::OkStatus());
          EXPECT_EQ(mine, 1);
        }
      });
    }
  }
  EXPECT_EQ(calls, 400);
}

}  // namespace
}  // namespace slotwise
