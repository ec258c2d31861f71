// SPDX-License-Identifier: Apache-2.0
#include "rawblock/store/thread.h"

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rawblock/testing/no_threads.h"

namespace slotwise {
namespace {

TEST(ThreadTest, RunsItsBodyOnAnotherThread) {
  pthread_t runner = ::pthread_self();
  absl::StatusOr<Thread> started = Thread::Start("a thread", [&runner] { runner = ::pthread_self(); });
  ASSERT_TRUE(started.ok()) << started.status();
  Thread thread;
  EXPECT_FALSE(thread.joinable());
  thread = *std::move(started);
  Thread moved = std::move(thread);
  EXPECT_TRUE(moved.joinable());
  moved.Join();
  EXPECT_FALSE(moved.joinable());
  EXPECT_EQ(::pthread_equal(runner, ::pthread_self()), 0);
}

TEST(ThreadTest, SaysThatThereIsNone) {
  const NoThreads none;
  const absl::Status status = Thread::Start("the thread of F", [] { ADD_FAILURE(); }).status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              testing::ContainsRegex("cannot start the thread of F: .*EAGAIN.*pids.*ulimit -u"));
}

TEST(ThreadTest, StartsAsManyAsThereAre) {
  std::atomic<int> runs = 0;
  std::vector<Thread> threads = StartThreads(3, "a thread", [&runs] { ++runs; });
  EXPECT_EQ(threads.size(), 3u);
  for (Thread& thread : threads) thread.Join();
  EXPECT_EQ(runs, 3);
  const NoThreads none;
  EXPECT_TRUE(StartThreads(3, "a thread", [&runs] { ++runs; }).empty());
}

TEST(ThreadDeathTest, MustBeJoined) {
  EXPECT_DEATH({ const absl::StatusOr<Thread> thread = Thread::Start("a thread", [] {}); }, "must be joined");
}

}  // namespace
}  // namespace slotwise
