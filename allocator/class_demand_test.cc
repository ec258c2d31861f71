// SPDX-License-Identifier: Apache-2.0
#include "allocator/class_demand.h"

#include "gtest/gtest.h"

namespace slotwise {
namespace {

constexpr PayloadKind kFull = PayloadKind::kFull;
constexpr PayloadKind kPartial = PayloadKind::kPartial;

TEST(ClassDemandTest, HalvesEverySumWhenAWindowEnds) {
  ClassDemand demand({kFull, kPartial}, BlockCount(100));
  demand.Add(1, BlockCount(50));
  EXPECT_FALSE(demand.Request(0, BlockCount(40)));
  EXPECT_FALSE(demand.Request(0, BlockCount(40)));
  EXPECT_EQ(demand.of(0), 80u);
  EXPECT_EQ(demand.total(), 130u);
  EXPECT_TRUE(demand.Request(0, BlockCount(20)));
  EXPECT_EQ(demand.of(0), 50u);
  EXPECT_EQ(demand.of(1), 25u);
  EXPECT_EQ(demand.total(kFull), 50u);
  EXPECT_EQ(demand.total(kPartial), 25u);
  EXPECT_FALSE(demand.Request(0, BlockCount(99)));
  demand.CheckInvariants();
}

TEST(ClassDemandTest, AWindowHasARequestForEveryClass) {
  ClassDemand demand({kFull, kPartial, kPartial}, BlockCount(1));
  EXPECT_FALSE(demand.Request(0, BlockCount(8)));
  EXPECT_FALSE(demand.Request(1, BlockCount(8)));
  EXPECT_TRUE(demand.Request(0, BlockCount(8)));
  EXPECT_EQ(demand.of(0), 8u);
  EXPECT_EQ(demand.of(1), 4u);
  demand.CheckInvariants();
}

}  // namespace
}  // namespace slotwise
