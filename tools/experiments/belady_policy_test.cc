// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/belady_policy.h"

#include <optional>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

bool AcceptAll(EntryId /*id*/) { return true; }

TEST(BeladyPolicyTest, EvictsWhatIsNeededLast) {
  BeladyPolicy policy;
  policy.SetRequest(0, 5);
  policy.Track(7, {});
  policy.SetRequest(1, 9);
  policy.Track(8, {});
  policy.SetRequest(2, 4);
  policy.Track(9, {});
  policy.SetRequest(4, 20);
  policy.Touch(9);
  policy.CheckInvariants();
  EXPECT_EQ(policy.Evict({}, AcceptAll), 9u);
  EXPECT_EQ(policy.Evict({}, [](EntryId id) { return id != 8; }), 7u);
  policy.Untrack(8);
  EXPECT_EQ(policy.Evict({}, AcceptAll), std::nullopt);
}

TEST(BeladyPolicyTest, EvictsWhatIsNeverNeededFirst) {
  BeladyPolicy policy;
  policy.SetRequest(0, BeladyPolicy::kNever - 1);
  policy.Track(0, {});
  policy.SetRequest(1, BeladyPolicy::kNever);
  policy.Track(1, {});
  policy.SetRequest(2, BeladyPolicy::kNever);
  policy.Track(2, {});
  policy.CheckInvariants();
  EXPECT_EQ(policy.Evict({}, AcceptAll), 1u);
  EXPECT_EQ(policy.Evict({}, AcceptAll), 2u);
  EXPECT_EQ(policy.Evict({}, AcceptAll), 0u);
}

}  // namespace
}  // namespace slotwise
