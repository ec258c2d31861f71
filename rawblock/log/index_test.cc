// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/index.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "allocator/extent.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

constexpr uint64_t kSalt = 3;

Placement At(uint64_t start, uint64_t count = 1) { return Placement(Extent(BlockIndex(start), BlockCount(count))); }

Placement Scattered() {
  Placement placement;
  for (uint64_t i = 0; i < Placement::kMaxExtents; ++i) placement.Append(Extent(BlockIndex(10 * i), BlockCount(i + 1)));
  return placement;
}

TEST(IndexTest, KeepsKeysAndPlacementsOfEveryLength) {
  Index index(kSalt);
  for (const size_t bytes : {1, 7, 8, 100, 1024}) {
    index.Insert(std::string(bytes, 'a'), At(bytes), 1, 2);
    index.Insert(std::string(bytes, 'b'), Scattered(), 3, 4);
  }
  for (const size_t bytes : {1, 7, 8, 100, 1024}) {
    const Entry& one = index.entry(index.Find(std::string(bytes, 'a')).value());
    EXPECT_EQ(one.placement(), At(bytes));
    const Entry& many = index.entry(index.Find(std::string(bytes, 'b')).value());
    EXPECT_EQ(many.key(), std::string(bytes, 'b'));
    EXPECT_EQ(many.placement(), Scattered());
    EXPECT_EQ(many.payload_bytes, 3u);
    EXPECT_EQ(many.checksum, 4u);
  }
  index.CheckInvariants();
}

TEST(IndexTest, AnUnpublishedEntryIsThereButNotFoundAndItsIdIsReused) {
  Index index(kSalt);
  const EntryId id = index.Insert("a", At(1), 1, 1);
  index.Unpublish(id);
  EXPECT_FALSE(index.Find("a").has_value());
  EXPECT_EQ(index.entry(id).key(), "a");
  EXPECT_EQ(index.published(), 0u);
  EXPECT_EQ(index.size(), 1u);
  EXPECT_NE(index.Insert("a", At(2), 1, 1), id);
  index.Erase(id);
  EXPECT_EQ(index.Insert("b", At(3), 1, 1), id);
  index.CheckInvariants();
}

TEST(IndexTest, InsertOrAssignTakesTheIdOfItsKey) {
  Index index(kSalt);
  const EntryId id = index.Insert("a", At(1), 1, 1);
  EXPECT_EQ(index.InsertOrAssign("a", Scattered(), 5, 6), id);
  EXPECT_EQ(index.entry(id).placement(), Scattered());
  EXPECT_EQ(index.published(), 1u);
  index.CheckInvariants();
}

TEST(IndexTest, EraseAtNeedsBothTheKeyAndThePlace) {
  Index index(kSalt);
  index.Insert("a", At(1), 1, 1);
  index.EraseAt(index.HashOf("a"), BlockIndex(2));
  index.EraseAt(index.HashOf("b"), BlockIndex(1));
  EXPECT_TRUE(index.Find("a").has_value());
  index.EraseAt(index.HashOf("a"), BlockIndex(1));
  EXPECT_FALSE(index.Find("a").has_value());
  EXPECT_EQ(index.size(), 0u);
  index.CheckInvariants();
}

TEST(IndexTest, KeepsEachBadPlaceOnceAndSoManyAtMost) {
  Index index(kSalt);
  index.AddBad(At(1));
  index.AddBad(At(1));
  EXPECT_EQ(index.bad().size(), 1u);
  for (uint64_t i = 0; i < kBadPlacementsMax; ++i) index.AddBad(At(2 + i));
  EXPECT_EQ(index.bad().size(), kBadPlacementsMax);
  index.CheckInvariants();
}

TEST(IndexTest, HoldsManyWhetherReservedOrNot) {
  for (const bool reserved : {false, true}) {
    Index index(kSalt);
    if (reserved) index.Reserve(20000);
    for (int i = 0; i < 20000; ++i) index.Insert(absl::StrCat(i), At(i), 1, 1);
    for (int i = 0; i < 20000; i += 2) index.EraseAt(index.HashOf(absl::StrCat(i)), BlockIndex(i));
    EXPECT_EQ(index.published(), 10000u);
    index.CheckInvariants();
  }
}

}  // namespace
}  // namespace slotwise
