// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/faults.h"

#include <set>
#include <string_view>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(FaultsTest, NamesDifferAndNothingHappensWithoutAScope) {
  std::set<std::string_view> names;
  for (const Fault& fault : Faults()) {
    EXPECT_TRUE(names.insert(fault.name).second) << fault.name;
    EXPECT_EQ(fault.once_in[static_cast<size_t>(FaultScope::kNone)], 0u) << fault.name;
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
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(FaultRates::Of(FaultScope::kPayloads, 4096).Draw(FaultMoment::kFlush, &random), nullptr);
    EXPECT_EQ(FaultRates::Of(FaultScope::kNone, 4096).Draw(FaultMoment::kWrite, &random), nullptr);
  }
}

}  // namespace
}  // namespace slotwise
