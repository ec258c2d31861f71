// SPDX-License-Identifier: Apache-2.0
#include "allocator/magazine.h"

#include "allocator/extent.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

constexpr BlockCount kCommon{128};
constexpr BlockCount kRare{7};

Magazine WithMajority() {
  Magazine magazine;
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(magazine.Vote(kCommon));
    if (i % 5 == 0) {
      EXPECT_FALSE(magazine.Vote(kRare));
    }
  }
  return magazine;
}

TEST(MagazineTest, KeepsRunsOfTheCommonSizeAlone) {
  Magazine magazine = WithMajority();
  EXPECT_TRUE(magazine.Wants(kCommon));
  EXPECT_FALSE(magazine.Wants(kRare));
  magazine.Put(BlockIndex(5));
  magazine.Put(BlockIndex(9));
  EXPECT_TRUE(magazine.Has(kCommon));
  EXPECT_FALSE(magazine.Has(kRare));
  EXPECT_EQ(magazine.Take(), BlockIndex(9));
  EXPECT_EQ(magazine.Take(), BlockIndex(5));
  EXPECT_FALSE(magazine.Has(kCommon));
}

TEST(MagazineTest, IsBounded) {
  Magazine magazine = WithMajority();
  for (size_t i = 0; i < Magazine::kRunsMax; ++i) {
    ASSERT_TRUE(magazine.Wants(kCommon));
    magazine.Put(BlockIndex(i));
  }
  EXPECT_FALSE(magazine.Wants(kCommon));
}

TEST(MagazineTest, WantsNothingWithoutAMajority) {
  Magazine magazine;
  for (uint64_t i = 0; i < 1000; ++i) {
    magazine.Vote(BlockCount(1 + i % 3));
    for (uint64_t count = 1; count <= 3; ++count) ASSERT_FALSE(magazine.Wants(BlockCount(count)));
  }
}

TEST(MagazineTest, AnotherMajorityEndsTheReign) {
  Magazine magazine = WithMajority();
  magazine.Put(BlockIndex(5));
  int votes = 0;
  while (!magazine.Vote(kRare)) ++votes;
  EXPECT_GT(votes, 16);
  EXPECT_EQ(magazine.Take(), BlockIndex(5));
  EXPECT_FALSE(magazine.Has(kCommon));
}

}  // namespace
}  // namespace slotwise
