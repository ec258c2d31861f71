// SPDX-License-Identifier: Apache-2.0
#include "slotwise/waker.h"

#include <poll.h>

#include <thread>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

bool Readable(const Waker& waker) {
  pollfd event{.fd = waker.fd(), .events = POLLIN, .revents = 0};
  return poll(&event, 1, 0) == 1;
}

TEST(WakerTest, RemembersWakesUntilTheyAreCleared) {
  Waker waker = Waker::Create().value();
  EXPECT_FALSE(Readable(waker));
  waker.Wake();
  waker.Wake();
  waker.Wait(absl::InfiniteDuration());
  EXPECT_TRUE(Readable(waker));
  waker.Clear();
  EXPECT_FALSE(Readable(waker));
  waker.Clear();  // of nothing
  waker.Wait(absl::ZeroDuration());
}

TEST(WakerTest, WakesAnotherThread) {
  Waker waker = Waker::Create().value();
  std::thread sleeper([&waker] { waker.Wait(absl::InfiniteDuration()); });
  waker.Wake();
  sleeper.join();
}

}  // namespace
}  // namespace slotwise
