// SPDX-License-Identifier: Apache-2.0
#include "allocator/boundary_map.h"

#include <map>

#include "allocator/extent.h"
#include "allocator/free_runs.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

constexpr BlockCount kCapacity{100'000};  // three districts and a part of one

// What a boundary says, as the map should keep it.
struct Known {
  bool is_free;
  uint64_t value;  // the run or the blocks
  RunId left = kNoRun;
  bool parked = false;

  friend bool operator==(const Known&, const Known&) = default;
};

Known Read(const BoundaryMap& map, BlockIndex position, Boundary boundary) {
  if (boundary.is_free()) return {true, boundary.run()};
  return {false, map.CountOf(position, boundary).value(), boundary.left_run(), boundary.is_parked()};
}

Known AnyKnown() {
  if (*rc::gen::arbitrary<bool>()) return {true, *rc::gen::inRange<uint64_t>(0, kNoRun)};
  return {false, *rc::gen::oneOf(rc::gen::inRange<uint64_t>(1, 100), rc::gen::inRange<uint64_t>(65'000, 70'000),
                                 rc::gen::just(uint64_t{1} << 30))};
}

void Insert(BoundaryMap& map, BlockIndex position, const Known& known) {
  if (known.is_free) return map.InsertFree(position, static_cast<RunId>(known.value));
  map.InsertUsed(position, BlockCount(known.value));
}

void Change(BoundaryMap& map, BlockIndex position, const Known& known) {
  const Boundary boundary = map.Find(position);
  if (boundary.is_free() && !known.is_free) map.MakeUsed(position, BlockCount(known.value), boundary);
  if (!boundary.is_free() && known.is_free) map.MakeFree(position, static_cast<RunId>(known.value), boundary);
}

// Positions crowd in few places, so that tables grow, shrink and probe.
RC_GTEST_PROP(BoundaryMapTest, IsAMap, ()) {
  BoundaryMap map(kCapacity);
  std::map<uint64_t, Known> model;
  for (int step = 0; step < 300; ++step) {
    const auto at = *rc::gen::inRange<uint64_t>(0, 4) * 32'767 + *rc::gen::inRange<uint64_t>(0, 60);
    const BlockIndex position(at % kCapacity.value());
    const auto known = model.find(position.value());
    if (known == model.end()) {
      RC_ASSERT(!map.Find(position).exists());
      const Known fresh = AnyKnown();
      Insert(map, position, fresh);
      model.emplace(position.value(), fresh);
    } else if (*rc::gen::inRange(0, 3) == 0) {
      Known changed = AnyKnown();
      Change(map, position, changed);
      if (changed.is_free != known->second.is_free) known->second = changed;
    } else {
      map.Erase(position, map.Find(position));
      model.erase(known);
    }
    map.CheckInvariants();
    RC_ASSERT(map.size() == model.size());
  }
  std::map<uint64_t, Known> read;
  map.ForEach(
      [&](BlockIndex position, Boundary boundary) { read.emplace(position.value(), Read(map, position, boundary)); });
  RC_ASSERT(read == model);
}

TEST(BoundaryMapTest, AParkedExtentKeepsItsLeftRun) {
  BoundaryMap map(kCapacity);
  map.InsertUsed(BlockIndex(7), BlockCount(3));
  const Boundary boundary = map.Find(BlockIndex(7));
  boundary.SetLeftRun(5);
  boundary.SetParked(true);
  EXPECT_EQ(Read(map, BlockIndex(7), boundary), (Known{false, 3, 5, true}));
  boundary.SetLeftRun(6);
  boundary.SetParked(false);
  EXPECT_EQ(Read(map, BlockIndex(7), boundary), (Known{false, 3, 6, false}));
}

TEST(BoundaryMapTest, ADistrictMayBeFullOfOneBlockExtents) {
  BoundaryMap map(kCapacity);
  for (uint64_t i = 0; i < 40'000; ++i) map.InsertUsed(BlockIndex(i), BlockCount(1));
  map.CheckInvariants();
  for (uint64_t i = 0; i < 40'000; ++i) map.Erase(BlockIndex(i), map.Find(BlockIndex(i)));
  EXPECT_EQ(map.size(), 0u);
  map.CheckInvariants();
}

TEST(BoundaryMapTest, ReachesTheEndOfTheLargestSpace) {
  BoundaryMap map(kMaxSpace);
  const BlockIndex last(kMaxSpace.value() - 1);
  map.InsertFree(last, 3);
  ASSERT_TRUE(map.Find(last).exists());
  EXPECT_EQ(map.Find(last).run(), 3u);
  map.CheckInvariants();
}

}  // namespace
}  // namespace slotwise
