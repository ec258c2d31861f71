// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/s3_fifo_policy.h"

#include <optional>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

constexpr uint64_t kCapacity = 10;
constexpr uint8_t kRemembered = 1;

// The random sequences of eviction_policy_test hardly reach these.

TEST(S3FifoPolicyTest, EvictsTheOnlyEntryHoweverOftenItWasUsed) {
  S3FifoPolicy policy(kCapacity);
  policy.Track(0, {.key_hash = 7, .size = 1, .remembered = kRemembered});
  for (int uses = 0; uses < 5; ++uses) policy.Touch(0);
  EXPECT_EQ(policy.Evict({}, [](EntryId) { return true; }), 0u);
  policy.CheckInvariants();
}

TEST(S3FifoPolicyTest, FindsWhatTheSearchItselfMovedToTheMainQueue) {
  S3FifoPolicy policy(kCapacity);
  policy.Track(0, {.key_hash = 7, .size = kCapacity, .remembered = kRemembered});
  policy.Track(1, {.key_hash = 8, .size = 1});
  for (int uses = 0; uses < 2; ++uses) policy.Touch(1);
  EXPECT_EQ(policy.Evict({}, [](EntryId id) { return id != 0; }), 1u);
  policy.CheckInvariants();
}

}  // namespace
}  // namespace slotwise
