// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/clock.h"

#include <time.h>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

absl::Time Monotonic() {
  timespec now;
  EXPECT_EQ(clock_gettime(CLOCK_MONOTONIC, &now), 0);
  return absl::TimeFromTimespec(now);
}

// The wall clock may be set back or forward; this one may not.
TEST(ClockTest, TheMachinesClockIsTheMonotonicOne) {
  SystemClock clock;
  const absl::Time before = Monotonic();
  const absl::Time now = clock.Now();
  const absl::Time free_function = MonotonicNow();
  const absl::Time after = Monotonic();
  EXPECT_LE(before, now);
  EXPECT_LE(now, free_function);
  EXPECT_LE(free_function, after);
}

}  // namespace
}  // namespace slotwise
