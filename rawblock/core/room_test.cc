// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/room.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "rawblock/eviction/eviction_policies.h"
#include "rawblock/eviction/eviction_policy.h"
#include "slotwise/eviction_policy_kind.h"

namespace slotwise {
namespace {

constexpr uint64_t kCapacity = 1000;
constexpr uint64_t kEntriesMax = 200;

// Entries of a size each; what is evicted is free soon.
class FakeSpace : public RoomSpace {
 public:
  uint64_t capacity() const override { return kCapacity; }
  uint64_t FreeSoon() const override { return free_soon; }
  EntryId id_limit() const override { return static_cast<EntryId>(sizes.size()); }
  uint64_t entries_max() const override { return kEntriesMax; }
  uint64_t EntriesFreeSoon() const override { return entries_free_soon; }
  bool EntriesUsedUp() const override { return entries_used_up; }
  std::optional<uint64_t> GainOf(EntryId id, uint64_t wanted) const override {
    if (sizes[id] == 0 || pinned || (wanted > helps_up_to)) return std::nullopt;
    return sizes[id];
  }
  bool FreesAtOnce() const override { return frees_at_once; }
  uint64_t Evict(EntryId id) override {
    const uint64_t size = std::exchange(sizes[id], 0);
    free_soon += size;
    ++entries_free_soon;
    return size;
  }
  bool Paused() const override { return paused; }

  std::vector<uint64_t> sizes;
  uint64_t free_soon = 0;
  uint64_t entries_free_soon = kEntriesMax;
  bool entries_used_up = false;
  uint64_t helps_up_to = kCapacity;  // evicting one does not help a larger allocation
  bool frees_at_once = false;
  bool pinned = false;
  bool paused = false;
};

class RoomTest : public testing::Test {
 protected:
  RoomTest() : policy_(MakeEvictionPolicy(EvictionPolicyKind::kLru, kCapacity)) {
    space_.sizes.assign(100, 10);
    for (EntryId id = 0; id < 100; ++id) policy_->Track(id, {.key_hash = id, .size = 10});
  }

  static RoomRequest Wanting(uint64_t size) { return {.wanted = size, .arrival = {.key_hash = 1000, .size = size}}; }

  FakeSpace space_;
  std::unique_ptr<EvictionPolicy> policy_;
  Room room_{policy_.get(), Watermarks{.low = 0.05, .high = 0.1}, &space_};
};

TEST_F(RoomTest, TheFirstRoundEvictsWhatIsMissing) {
  RoomRequest request = Wanting(80);
  space_.free_soon = 30;
  EXPECT_TRUE(room_.MakeRoom(&request, RoomOutlook()));
  EXPECT_EQ(request.evicted, 50u);
  EXPECT_EQ(request.evictions, 5);
}

TEST_F(RoomTest, LaterRoundsEvictAQuarterAHalfAllAndTwice) {
  RoomRequest request = Wanting(80);
  space_.free_soon = 80;
  uint64_t before = 0;
  for (const uint64_t round : {20, 40, 80, 160, 160}) {
    EXPECT_TRUE(room_.MakeRoom(&request, RoomOutlook()));
    EXPECT_EQ(request.evicted - before, round);
    before = request.evicted;
  }
}

TEST_F(RoomTest, OneEntryIfItIsFreeAtOnce) {
  RoomRequest request = Wanting(80);
  space_.frees_at_once = true;
  EXPECT_TRUE(room_.MakeRoom(&request, RoomOutlook()));
  EXPECT_EQ(request.evictions, 1);
}

TEST_F(RoomTest, WaitsOnceForRemovalsThatWillDo) {
  RoomRequest request = Wanting(80);
  space_.free_soon = 80;
  EXPECT_TRUE(room_.MakeRoom(&request, {.removals_under_way = true}));
  EXPECT_EQ(request.evicted, 0u);
  EXPECT_TRUE(room_.MakeRoom(&request, {.removals_under_way = true}));
  EXPECT_GT(request.evicted, 0u);
}

TEST_F(RoomTest, AMissingEntryIsWorthOneEvictionWhateverItsSize) {
  space_.entries_used_up = true;
  space_.entries_free_soon = 0;
  space_.free_soon = 500;
  space_.helps_up_to = 0;
  RoomRequest request = Wanting(80);
  EXPECT_TRUE(room_.MakeRoom(&request, RoomOutlook()));
  EXPECT_EQ(request.evictions, 1);
  EXPECT_TRUE(room_.MakeRoom(&request, {.removals_under_way = true})) << "waits for that one";
  EXPECT_EQ(request.evictions, 1);
}

TEST_F(RoomTest, MissingBothItEvictsForBoth) {
  space_.entries_used_up = true;
  space_.entries_free_soon = 0;
  space_.free_soon = 30;
  RoomRequest request = Wanting(80);
  EXPECT_TRUE(room_.MakeRoom(&request, RoomOutlook()));
  EXPECT_EQ(request.evictions, 5) << "50 are missing, and one of the five brings the entry";
}

TEST_F(RoomTest, PreparesForWhatIsMissingBehindTheClaims) {
  space_.free_soon = 100;
  RoomRequest request = Wanting(80);
  EXPECT_TRUE(room_.PrepareRoom(&request, {.size = 20, .entries = 1}));
  EXPECT_EQ(request.evictions, 0) << "both fit";
  EXPECT_TRUE(room_.PrepareRoom(&request, {.size = 50, .entries = 1}));
  EXPECT_EQ(request.evictions, 3);
  space_.entries_free_soon = 4;
  space_.helps_up_to = 0;
  EXPECT_TRUE(room_.PrepareRoom(&request, {.size = 0, .entries = 3}));
  EXPECT_EQ(request.evictions, 3);
  EXPECT_TRUE(room_.PrepareRoom(&request, {.size = 0, .entries = 4}));
  EXPECT_EQ(request.evictions, 4);
  EXPECT_FALSE(room_.PrepareRoom(&request, {.size = kCapacity, .entries = 1})) << "nothing that helps is left";
}

TEST_F(RoomTest, EvictsNothingWhilePausedAndRefusesNothing) {
  space_.paused = true;
  RoomRequest request = Wanting(80);
  for (int i = 0; i < 2 * Room::kFruitlessRoundsMax; ++i) EXPECT_TRUE(room_.MakeRoom(&request, RoomOutlook()));
  EXPECT_FALSE(room_.PrepareRoom(&request, {.size = kCapacity, .entries = kEntriesMax}));
  EXPECT_EQ(request.evictions, 0);
}

TEST_F(RoomTest, RefusesWhenNothingMayGo) {
  space_.pinned = true;
  RoomRequest request = Wanting(80);
  EXPECT_FALSE(room_.MakeRoom(&request, RoomOutlook()));
  int waits = 0;
  while (room_.MakeRoom(&request, {.transfers_under_way = true})) ++waits;
  EXPECT_EQ(waits, Room::kFruitlessRoundsMax - 1);
}

TEST_F(RoomTest, RefusesAfterTheMostEvictions) {
  RoomRequest request = Wanting(80);
  request.evictions = Room::kEvictionsMax;
  EXPECT_FALSE(room_.MakeRoom(&request, RoomOutlook()));
}

TEST_F(RoomTest, WithoutAPolicyOnlyRemovalsHelp) {
  Room room(nullptr, Watermarks(), &space_);
  RoomRequest request = Wanting(80);
  EXPECT_FALSE(room.MakeRoom(&request, {.transfers_under_way = true}));
  EXPECT_TRUE(room.MakeRoom(&request, {.removals_under_way = true}));
  room.EvictAhead(&request);
  EXPECT_EQ(space_.free_soon, 0u);
}

TEST_F(RoomTest, NoMoreIsFreeOrEvictableThanThereIs) {
  RoomRequest request = Wanting(80);
  EXPECT_TRUE(room_.MakeRoom(&request, RoomOutlook()));
  room_.CheckInvariants();
  space_.free_soon += 1;
  EXPECT_DEATH(room_.CheckInvariants(), "capacity");
}

// Below 0.1 of 200: the put that came takes one entry, and two go.
TEST_F(RoomTest, EntriesAreKeptFreeAheadOfDemand) {
  space_.free_soon = 500;
  space_.helps_up_to = 0;
  space_.entries_free_soon = 20;
  RoomRequest request = Wanting(20);
  room_.EvictAhead(&request);
  EXPECT_EQ(space_.entries_free_soon, 20u);
  space_.entries_free_soon = 3;
  room_.EvictAhead(&request);
  EXPECT_EQ(space_.entries_free_soon, 5u);
  space_.entries_free_soon = 19;
  room_.EvictAhead(&request);
  EXPECT_EQ(space_.entries_free_soon, 20u);
}

TEST_F(RoomTest, AheadOfDemandOnlyBelowTheWatermarksAndNotWhilePaused) {
  RoomRequest request = Wanting(20);
  space_.free_soon = 100;
  room_.EvictAhead(&request);
  EXPECT_EQ(request.evicted, 0u);
  space_.free_soon = 0;
  space_.paused = true;
  room_.EvictAhead(&request);
  EXPECT_EQ(request.evicted, 0u);
  space_.paused = false;
  room_.EvictAhead(&request);
  EXPECT_GE(space_.free_soon, 50u);
  EXPECT_LE(request.evicted, Evictor::kAheadMax * 20);
}

}  // namespace
}  // namespace slotwise
