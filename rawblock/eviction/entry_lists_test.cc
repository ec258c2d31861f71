// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/entry_lists.h"

#include <optional>
#include <vector>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

std::vector<EntryId> Ids(const EntryLists& lists, uint32_t list) {
  std::vector<EntryId> ids;
  for (EntryId id = lists.oldest(list); id != EntryLists::kNone; id = lists.newer(id)) ids.push_back(id);
  lists.CheckInvariants();
  return ids;
}

TEST(EntryListsTest, KeepsTheOrderOfEachList) {
  EntryLists lists(2);
  for (EntryId id : {7, 3, 5}) lists.Append(0, id);
  lists.Append(1, 4);
  lists.Prepend(1, 6);
  lists.InsertAfter(3, 9);
  EXPECT_EQ(Ids(lists, 0), (std::vector<EntryId>{7, 3, 9, 5}));
  EXPECT_EQ(Ids(lists, 1), (std::vector<EntryId>{6, 4}));
  EXPECT_EQ(lists.older(3), 7u);
  EXPECT_EQ(lists.older(7), EntryLists::kNone);
  EXPECT_EQ(lists.size(), 6u);
}

TEST(EntryListsTest, ForgetsWhatIsRemoved) {
  EntryLists lists(1);
  for (EntryId id : {0, 1, 2}) lists.Append(0, id);
  lists.Remove(1);
  EXPECT_FALSE(lists.Contains(1));
  EXPECT_FALSE(lists.Contains(100));
  EXPECT_EQ(Ids(lists, 0), (std::vector<EntryId>{0, 2}));
  lists.Append(0, 1);
  EXPECT_EQ(Ids(lists, 0), (std::vector<EntryId>{0, 2, 1}));
}

TEST(EntryListsTest, FindsTheOldestThatIsAccepted) {
  EntryLists lists(1);
  for (EntryId id : {4, 2, 8, 1}) lists.Append(0, id);
  size_t candidates = 3;
  EXPECT_EQ(lists.FindOldest(0, &candidates, [](EntryId id) { return id == 2; }), 2u);
  EXPECT_EQ(candidates, 2u);
  EXPECT_EQ(lists.FindOldest(0, &candidates, [](EntryId id) { return id == 8; }), std::nullopt);
  EXPECT_EQ(candidates, 0u);
}

}  // namespace
}  // namespace slotwise
