// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/entries.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "allocator/allocator_options.h"
#include "gtest/gtest.h"
#include "rawblock/testing/log_store.h"

namespace slotwise {
namespace {

constexpr uint64_t kEntriesMax = 4;
constexpr BlockCount kCapacity(64);

class EntriesTest : public testing::Test {
 protected:
  EntriesTest()
      : header_(Header(store_)),
        entries_(header_, std::make_unique<Index>(header_.salt),
                 CreateAllocator({.engine = AllocatorOptions::Engine::kBuddy}, kCapacity).value(),
                 EvictionPolicyKind::kLru, &journal_) {}
  ~EntriesTest() override { entries_.CheckInvariants(); }

  static StoreHeader Header(const LogStore& store) {
    StoreHeader header = store.header();
    header.max_entries = kEntriesMax;
    return header;
  }
  void Put(std::string_view key, BlockCount blocks) {
    const RoomRequest request = entries_.Arrive(key, blocks);
    const std::optional<Placement> placement = entries_.Reserve(blocks);
    ASSERT_TRUE(placement.has_value());
    entries_.CheckInvariants();
    entries_.Publish(key, *placement, /*payload_bytes=*/100, /*checksum=*/1, request.arrival);
  }
  // Everything appended so far becomes durable.
  void Commit() {
    EXPECT_TRUE(journal_.StartCommit());
    store_.Finish();
    entries_.FinishDurable();
  }
  BlockCount free() const { return entries_.allocator().free_blocks(); }

  LogStore store_;
  const StoreHeader header_;
  Journal journal_{header_.layout, header_.salt, 0, JournalPoint(), 0, store_.device()};
  Entries entries_;
};

TEST_F(EntriesTest, WhatIsGivenBackWasNeverThere) {
  const std::optional<Placement> placement = entries_.Reserve(BlockCount(8));
  ASSERT_TRUE(placement.has_value());
  EXPECT_EQ(entries_.reservations(), 1u);
  entries_.CheckInvariants();
  entries_.GiveBack(*placement);
  EXPECT_EQ(free(), kCapacity);
  EXPECT_EQ(journal_.pending_bytes(), 0u);
}

TEST_F(EntriesTest, ReservationsAndRemovedEntriesCountAgainstTheMostEntries) {
  for (const std::string_view key : {"a", "b", "c"}) Put(key, BlockCount(1));
  const std::optional<Placement> placement = entries_.Reserve(BlockCount(1));
  ASSERT_TRUE(placement.has_value());
  EXPECT_TRUE(entries_.full());
  EXPECT_FALSE(entries_.Reserve(BlockCount(1)).has_value());
  entries_.Remove(*entries_.Find("a"));
  EXPECT_TRUE(entries_.full()) << "its removal is not durable";
  Commit();
  EXPECT_FALSE(entries_.full());
  entries_.GiveBack(*placement);
}

// Freeing one block of a slab brings no large slot nearer, but an entry.
TEST_F(EntriesTest, OfEntriesWhateverIsNotPinnedHelps) {
  for (const std::string_view key : {"a", "b", "c", "d"}) Put(key, BlockCount(1));
  EXPECT_TRUE(entries_.EntriesUsedUp());
  EXPECT_EQ(entries_.EntriesFreeSoon(), 0u);
  const EntryId id = *entries_.Find("a");
  EXPECT_FALSE(entries_.GainOf(id, 1000).has_value()) << "there is no room for so much";
  EXPECT_EQ(entries_.GainOf(id, RoomSpace::kAnEntry), 1u);
  entries_.Remove(id);
  EXPECT_TRUE(entries_.EntriesUsedUp());
  EXPECT_EQ(entries_.EntriesFreeSoon(), 1u);
}

TEST_F(EntriesTest, AReservationKeepsRoomForItsRecord) {
  const std::optional<Placement> kept = entries_.Reserve(BlockCount(1));
  const std::optional<Placement> given_back = entries_.Reserve(BlockCount(1));
  EXPECT_EQ(journal_.promised(), 2u);
  entries_.GiveBack(*given_back);
  EXPECT_EQ(journal_.promised(), 1u);
  entries_.Publish("a", *kept, /*payload_bytes=*/100, /*checksum=*/1, Arrival());
  EXPECT_EQ(journal_.promised(), 0u);
}

TEST_F(EntriesTest, TheBlocksOfAReplacedPayloadWaitForTheRecordOfTheNewOne) {
  Put("a", BlockCount(8));
  const Lsn before = journal_.next_lsn();
  Put("a", BlockCount(16));
  EXPECT_EQ(journal_.next_lsn(), Lsn(before.value() + 1)) << "one record";
  EXPECT_EQ(entries_.occupancy().entries, 1u);
  EXPECT_EQ(entries_.occupancy().payload_blocks, 16u);
  EXPECT_EQ(free(), kCapacity - BlockCount(24));
  EXPECT_EQ(entries_.FreeSoon(), (kCapacity - BlockCount(16)).value());
  Commit();
  EXPECT_EQ(free(), kCapacity - BlockCount(16));
}

TEST_F(EntriesTest, WhatIsPinnedIsNoVictimAndWhatIsReadIsOne) {
  Put("a", BlockCount(8));
  const EntryId id = *entries_.Find("a");
  EXPECT_EQ(entries_.GainOf(id, 64), 8u);
  entries_.BeginRead(id);
  EXPECT_EQ(entries_.GainOf(id, 64), 8u);
  entries_.EndRead(id);
  const Pin pin = entries_.PinEntry(id);
  EXPECT_FALSE(entries_.GainOf(id, 64).has_value());
  entries_.Unpin(pin);
  EXPECT_EQ(entries_.GainOf(id, 64), 8u);
}

TEST_F(EntriesTest, APinGivenBackTwiceTakesNobodyElses) {
  Put("a", BlockCount(8));
  const EntryId id = *entries_.Find("a");
  const Pin first = entries_.PinEntry(id);
  const Pin second = entries_.PinEntry(id);
  EXPECT_TRUE(entries_.Unpin(first));
  EXPECT_FALSE(entries_.Unpin(first));
  EXPECT_EQ(entries_.entry(id).pins, 1u) << "the second holds";
  EXPECT_FALSE(entries_.Unpin(Pin(0)));
  EXPECT_TRUE(entries_.Unpin(second));
  EXPECT_EQ(entries_.entry(id).pins, 0u);
}

TEST_F(EntriesTest, APinOfAnEntryThatIsGoneTakesNoneOfTheNextWithItsId) {
  Put("a", BlockCount(8));
  const EntryId id = *entries_.Find("a");
  const Pin old = entries_.PinEntry(id);
  EXPECT_TRUE(entries_.Unpin(old));
  entries_.Remove(id);
  Commit();
  Put("b", BlockCount(8));
  ASSERT_EQ(*entries_.Find("b"), id);
  const Pin pin = entries_.PinEntry(id);
  EXPECT_FALSE(entries_.Unpin(old));
  EXPECT_EQ(entries_.entry(id).pins, 1u);
  EXPECT_TRUE(entries_.Unpin(pin));
}

TEST_F(EntriesTest, AnEvictedEntryIsGoneAtOnceAndFreeOnceDurable) {
  Put("a", BlockCount(8));
  const EntryId id = *entries_.policy()->Evict(Arrival(), [](EntryId) { return true; });
  EXPECT_EQ(entries_.Evict(id), 8u);
  EXPECT_FALSE(entries_.Find("a").has_value());
  EXPECT_FALSE(entries_.GainOf(id, 64).has_value());
  EXPECT_EQ(entries_.evictions(), 1u);
  EXPECT_EQ(entries_.evicted_blocks(), 8u);
  EXPECT_EQ(free(), kCapacity - BlockCount(8));
  Commit();
  EXPECT_EQ(free(), kCapacity);
}

TEST_F(EntriesTest, TheLastReaderFreesWhatWasRemoved) {
  Put("a", BlockCount(8));
  const EntryId id = *entries_.Find("a");
  entries_.BeginRead(id);
  entries_.Remove(id);
  Commit();
  EXPECT_EQ(free(), kCapacity - BlockCount(8));
  entries_.CheckInvariants();
  entries_.EndRead(id);
  EXPECT_EQ(free(), kCapacity);
}

TEST_F(EntriesTest, ShowsWhatIsPublished) {
  Put("a", BlockCount(1));
  Put("b", BlockCount(1));
  entries_.Remove(*entries_.Find("a"));
  std::string keys;
  entries_.ForEach([&](const EntryView& entry) { keys += entry.key; });
  EXPECT_EQ(keys, "b");
}

}  // namespace
}  // namespace slotwise
