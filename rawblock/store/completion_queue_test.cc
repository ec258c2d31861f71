// SPDX-License-Identifier: Apache-2.0
#include "slotwise/completion_queue.h"

#include <poll.h>

#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

bool Readable(int fd) {
  pollfd event{.fd = fd, .events = POLLIN, .revents = 0};
  return poll(&event, 1, 0) == 1;
}

TEST(CompletionQueueTest, IsReadableWhileAnswersWait) {
  const auto queue = CompletionQueue<int>::Create().value();
  EXPECT_FALSE(Readable(queue->fd()));
  queue->Push(1);
  queue->Push(2);
  EXPECT_TRUE(Readable(queue->fd()));
  EXPECT_THAT(queue->Drain(), ElementsAre(1, 2));
  EXPECT_FALSE(Readable(queue->fd()));
  EXPECT_THAT(queue->Drain(), IsEmpty());
  queue->Push(3);
  EXPECT_TRUE(Readable(queue->fd()));
  EXPECT_THAT(queue->Drain(), ElementsAre(3));
}

TEST(CompletionQueueTest, LosesNothingBetweenThreads) {
  constexpr int kAnswers = 10'000;
  const auto queue = CompletionQueue<int>::Create().value();
  std::thread pusher([&queue] {
    for (int i = 0; i < kAnswers; ++i) queue->Push(i);
  });
  int expected = 0;
  while (expected < kAnswers) {
    pollfd event{.fd = queue->fd(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(poll(&event, 1, -1), 1);
    for (const int answer : queue->Drain()) EXPECT_EQ(answer, expected++);
  }
  pusher.join();
}

}  // namespace
}  // namespace slotwise
