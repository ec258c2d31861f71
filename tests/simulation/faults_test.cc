// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/faults.h"

#include <set>
#include <string_view>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(FaultsTest, NamesDifferAndWithoutAScopeOnlyWhatPassesHappens) {
  std::set<std::string_view> names;
  for (const Fault& fault : Faults()) {
    EXPECT_TRUE(names.insert(fault.name).second) << fault.name;
    const bool passes = fault.excuse == FaultExcuse::kNone;
    EXPECT_EQ(fault.once_in[static_cast<size_t>(FaultScope::kNone)] > 0, passes) << fault.name;
    EXPECT_GT(fault.once_in[static_cast<size_t>(FaultScope::kAnywhere)], 0u) << fault.name << " never happens";
  }
}

TEST(FaultsTest, OnlyWhatIsAskedForIsDrawnAndAsOftenAsAsked) {
  SeededRandom random(1);
  const FaultRates rates = FaultRates::Only("write is lost", 4);
  int drawn = 0;
  for (int i = 0; i < 4000; ++i) {
    EXPECT_EQ(rates.Draw(FaultMoment::kRead, &random), nullptr);
    const Fault* fault = rates.Draw(FaultMoment::kWrite, &random);
    if (fault == nullptr) continue;
    EXPECT_EQ(fault->name, "write is lost");
    ++drawn;
  }
  EXPECT_GT(drawn, 800);
  EXPECT_LT(drawn, 1200);
}

TEST(FaultsTest, PayloadFaultsSpareTheMetadata) {
  EXPECT_EQ(FaultRates::Of(FaultScope::kPayloads, 4096).from, 4096u);
  EXPECT_EQ(FaultRates::Of(FaultScope::kAnywhere, 4096).from, 0u);
  SeededRandom random(1);
  const auto expect_passing = [&](FaultScope scope, FaultMoment moment) {
    const Fault* fault = FaultRates::Of(scope, 4096).Draw(moment, &random);
    EXPECT_TRUE(fault == nullptr || fault->excuse == FaultExcuse::kNone);
  };
  for (int i = 0; i < 1000; ++i) {
    expect_passing(FaultScope::kPayloads, FaultMoment::kFlush);
    expect_passing(FaultScope::kNone, FaultMoment::kWrite);
  }
}

}  // namespace
}  // namespace slotwise
