// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/ghost_queue.h"

#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(GhostQueueTest, ForgetsTheOldestToStayWithinItsCapacity) {
  GhostQueue ghosts(10);
  ghosts.Remember(1, 4);
  ghosts.Remember(2, 4);
  ghosts.Remember(3, 6);
  ghosts.CheckInvariants();
  EXPECT_FALSE(ghosts.Contains(1));
  EXPECT_TRUE(ghosts.Contains(2));
  EXPECT_EQ(ghosts.size(), 10u);
}

TEST(GhostQueueTest, DoesNotRememberWhatIsLargerThanItself) {
  GhostQueue ghosts(10);
  ghosts.Remember(1, 10);
  ghosts.Remember(2, 11);
  ghosts.CheckInvariants();
  EXPECT_TRUE(ghosts.Contains(1));
  EXPECT_FALSE(ghosts.Contains(2));
}

TEST(GhostQueueTest, ForgetsWhatReturns) {
  GhostQueue ghosts(10);
  ghosts.Remember(1, 5);
  EXPECT_TRUE(ghosts.Forget(1));
  EXPECT_FALSE(ghosts.Forget(1));
  EXPECT_TRUE(ghosts.empty());
  EXPECT_EQ(ghosts.size(), 0u);
  ghosts.CheckInvariants();
}

TEST(GhostQueueTest, RemembersTwiceAsTheNewest) {
  GhostQueue ghosts(10);
  ghosts.Remember(1, 5);
  ghosts.Remember(2, 5);
  ghosts.Remember(1, 3);
  ghosts.CheckInvariants();
  EXPECT_EQ(ghosts.size(), 8u);
  ghosts.ForgetOldest();
  EXPECT_TRUE(ghosts.Contains(1));
  EXPECT_FALSE(ghosts.Contains(2));
}

}  // namespace
}  // namespace slotwise
