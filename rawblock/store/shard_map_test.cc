// SPDX-License-Identifier: Apache-2.0
#include "rawblock/store/shard_map.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

constexpr int kKeys = 20'000;

ShardMap::Identity Shard(uint8_t id, uint64_t capacity_bytes) {
  ShardMap::Identity shard{.capacity_bytes = capacity_bytes};
  shard.uuid[3] = id;
  return shard;
}

std::string Key(int i) { return absl::StrCat("llama@0@0@", i); }

TEST(ShardMapTest, SharesKeysInProportionToCapacity) {
  const ShardMap map({Shard(1, 100 << 20), Shard(2, 300 << 20), Shard(3, 600 << 20)});
  std::vector<int> keys(3);
  for (int i = 0; i < kKeys; ++i) ++keys[map.ShardOf(Key(i))];
  EXPECT_NEAR(keys[0], kKeys * 0.1, kKeys * 0.01);
  EXPECT_NEAR(keys[1], kKeys * 0.3, kKeys * 0.015);
  EXPECT_NEAR(keys[2], kKeys * 0.6, kKeys * 0.015);
}

TEST(ShardMapTest, DoesNotDependOnTheOrder) {
  const ShardMap map({Shard(1, 5), Shard(2, 7), Shard(3, 9)});
  const ShardMap turned({Shard(3, 9), Shard(1, 5), Shard(2, 7)});
  for (int i = 0; i < kKeys; ++i) EXPECT_EQ((map.ShardOf(Key(i)) + 1) % 3, turned.ShardOf(Key(i)));
}

TEST(ShardMapTest, AShardMoreTakesKeysOnlyToItself) {
  const ShardMap before({Shard(1, 5), Shard(2, 7)});
  const ShardMap after({Shard(1, 5), Shard(2, 7), Shard(3, 6)});
  int moved = 0;
  for (int i = 0; i < kKeys; ++i) {
    const size_t shard = after.ShardOf(Key(i));
    if (shard == 2) {
      ++moved;
    } else {
      EXPECT_EQ(shard, before.ShardOf(Key(i)));
    }
  }
  EXPECT_NEAR(moved, kKeys / 3.0, kKeys * 0.015);
}

// Keys stay where they were when the software is updated: this map is part of the format.
TEST(ShardMapTest, IsTheSameInEveryVersion) {
  const ShardMap map({Shard(1, 1), Shard(2, 1), Shard(3, 1), Shard(4, 1)});
  std::string shards;
  for (int i = 0; i < 32; ++i) absl::StrAppend(&shards, map.ShardOf(Key(i)));
  EXPECT_EQ(shards, "13313310131100231232133230021103");
}

}  // namespace
}  // namespace slotwise
