// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/group.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/record.h"

namespace slotwise {
namespace {

constexpr uint32_t kBlock = 4096;
constexpr uint64_t kSalt = 42;
constexpr uint32_t kMagic = format::kJournalMagic;

// A journal group with two records, the example of docs/format.md.
std::vector<std::byte> Example() {
  const Placement placement(Extent(BlockIndex(16), BlockCount(2)));
  std::vector<std::byte> records;
  AppendRecord({.type = format::RecordType::kPut,
                .key = "kv-0",
                .placement = placement,
                .payload_bytes = 5000,
                .checksum = PayloadChecksum("kv-0", placement, std::vector<std::byte>(5000))},
               &records);
  AppendRecord(RemovalRecord(KeyHash(kSalt, "kv-0"), placement), &records);
  std::vector<std::byte> out(GroupBytes(records.size(), kBlock), std::byte{0xff});
  EncodeGroup(
      {.magic = kMagic, .record_count = 2, .sequence = 7, .session = 0x5e55, .previous = 0xbef0, .records = records},
      kSalt, out);
  return out;
}

// "  0  53 57 53 4a ...": the bytes before `end`, eight a line.
std::string HexDump(const std::vector<std::byte>& bytes, size_t end) {
  std::string dump;
  for (size_t at = 0; at < end; at += 8) {
    dump += absl::StrFormat("%3d ", at);
    for (size_t i = at; i < std::min(at + 8, end); ++i) dump += absl::StrFormat(" %02x", static_cast<int>(bytes[i]));
    dump += "\n";
  }
  return dump;
}

TEST(GroupTest, TheExampleOfTheDocumentIsTrue) {
  std::ifstream file("docs/format.md");
  ASSERT_TRUE(file.is_open());
  std::string dump;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "```" && inside) break;
    if (inside) dump += absl::StrCat(absl::StripTrailingAsciiWhitespace(line.substr(0, line.find('|'))), "\n");
    if (line == "```text") inside = true;
  }
  EXPECT_EQ(dump, HexDump(Example(), 64 + 28 + 24));
}

TEST(GroupTest, IsReadAsWritten) {
  const std::vector<std::byte> bytes = Example();
  ASSERT_EQ(bytes.size(), kBlock);
  EXPECT_EQ(GroupSequence(kMagic, bytes), 7u);
  const std::optional<Group> group = DecodeGroup(kMagic, kSalt, bytes);
  ASSERT_TRUE(group.has_value());
  EXPECT_EQ(group->record_count, 2u);
  EXPECT_EQ(group->sequence, 7u);
  EXPECT_EQ(group->session, 0x5e55u);
  EXPECT_EQ(group->previous, 0xbef0u);
  EXPECT_EQ(group->records.size(), 28u + 24u);
}

TEST(GroupTest, IsPaddedWithZeros) {
  const std::vector<std::byte> bytes = Example();
  EXPECT_THAT(std::vector(bytes.begin() + 116, bytes.end()), ::testing::Each(std::byte{0}));
}

TEST(GroupTest, FillsWholeBlocks) {
  EXPECT_EQ(GroupBytes(0, kBlock), kBlock);
  EXPECT_EQ(GroupBytes(kBlock - 64, kBlock), kBlock);
  EXPECT_EQ(GroupBytes(kBlock - 63, kBlock), 2 * kBlock);
}

TEST(GroupTest, EveryBitOfHeaderAndRecordsCounts) {
  std::vector<std::byte> bytes = Example();
  for (size_t bit = 0; bit < 116 * 8; ++bit) {
    bytes[bit / 8] ^= std::byte{1} << bit % 8;
    EXPECT_FALSE(DecodeGroup(kMagic, kSalt, bytes).has_value()) << "bit " << bit;
    bytes[bit / 8] ^= std::byte{1} << bit % 8;
  }
  EXPECT_TRUE(DecodeGroup(kMagic, kSalt, bytes).has_value());
}

TEST(GroupTest, BelongsToItsStoreAndItsRegion) {
  const std::vector<std::byte> bytes = Example();
  EXPECT_FALSE(DecodeGroup(kMagic, kSalt + 1, bytes).has_value());
  EXPECT_FALSE(DecodeGroup(format::kCheckpointMagic, kSalt, bytes).has_value());
  EXPECT_FALSE(GroupSequence(format::kCheckpointMagic, bytes).has_value());
}

TEST(GroupTest, SaysWhatItTakesToLookAtIt) {
  std::vector<std::byte> bytes = Example();
  EXPECT_EQ(GroupHashedBytes(kMagic, bytes), 64u + 28u + 24u);
  EXPECT_EQ(GroupHashedBytes(format::kCheckpointMagic, bytes), 0u);
  bytes[6] = std::byte{0xff};  // more than there is
  EXPECT_EQ(GroupHashedBytes(kMagic, bytes), 0u);
}

TEST(GroupTest, MustBeWhole) {
  const std::vector<std::byte> bytes = Example();
  for (const size_t size : {0, 63, 64, 115}) {
    EXPECT_FALSE(DecodeGroup(kMagic, kSalt, std::span(bytes).first(size)).has_value()) << size;
  }
  EXPECT_FALSE(GroupSequence(kMagic, std::span(bytes).first(63)).has_value());
}

}  // namespace
}  // namespace slotwise
