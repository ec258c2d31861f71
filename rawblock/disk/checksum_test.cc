// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/checksum.h"

#include <cstddef>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

Placement At(uint64_t start, uint64_t count) { return Placement(Extent(BlockIndex(start), BlockCount(count))); }

TEST(ChecksumTest, APayloadIsBoundToItsKeyAndEveryExtent) {
  const std::vector<std::byte> payload(5000);
  std::vector<std::byte> damaged = payload;
  damaged.back() = std::byte{1};
  Placement two = At(1, 1);
  two.Append(Extent(BlockIndex(2), BlockCount(1)));
  const std::set<uint64_t> all = {
      PayloadChecksum("a", At(1, 2), payload), PayloadChecksum("b", At(1, 2), payload),
      PayloadChecksum("a", At(2, 2), payload), PayloadChecksum("a", At(1, 3), payload),
      PayloadChecksum("a", two, payload),      PayloadChecksum("a", At(1, 2), damaged),
  };
  EXPECT_EQ(all.size(), 6u);
}

TEST(ChecksumTest, KeysAndMetadataAreBoundToTheSalt) {
  EXPECT_NE(KeyHash(1, "a"), KeyHash(2, "a"));
  EXPECT_NE(KeyHash(1, "a"), KeyHash(1, "b"));
  const std::vector<std::byte> bytes(10);
  EXPECT_NE(MetadataChecksum(1, bytes), MetadataChecksum(2, bytes));
}

// The format stands on these: the xxHash that is linked must be XXH3.
TEST(ChecksumTest, IsXxh3) {
  EXPECT_EQ(KeyHash(0, ""), 0x2d06800538d394c2u);
  EXPECT_EQ(MetadataChecksum(0, {}), 0x2d06800538d394c2u);
}

}  // namespace
}  // namespace slotwise
