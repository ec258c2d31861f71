// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/record.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "rawblock/disk/format.h"

namespace slotwise {
namespace {

using format::ExtentRecord;
using format::RecordHeader;

Record PutOf(std::string_view key, uint64_t extents) {
  Record record{.type = format::RecordType::kPut, .key = key, .placement = {}, .payload_bytes = 5, .checksum = 6};
  for (uint64_t i = 0; i < extents; ++i) record.placement.Append(Extent(BlockIndex(9 * i), BlockCount(i + 1)));
  return record;
}

std::vector<std::byte> Encode(const Record& record) {
  std::vector<std::byte> bytes;
  AppendRecord(record, &bytes);
  return bytes;
}

std::optional<Record> Decode(std::span<const std::byte> bytes) { return TakeRecord(&bytes); }

TEST(RecordTest, IsReadAsWritten) {
  const std::string longest(format::kKeyBytesMax, 'k');
  const Placement place(Extent(BlockIndex(3), BlockCount(4)));
  for (const Record& record : {PutOf("a", 1), PutOf(longest, format::kExtentsMax), RemovalRecord(77, place),
                               OpenRecord(Lsn(78)), BadRecord(place)}) {
    std::vector<std::byte> bytes = Encode(record);
    EXPECT_EQ(bytes.size(), RecordBytes(record));
    bytes.push_back(std::byte{1});  // the next record
    std::span<const std::byte> rest = bytes;
    const std::optional<Record> read = TakeRecord(&rest);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(rest.size(), 1u);
    EXPECT_EQ(read->type, record.type);
    EXPECT_EQ(read->key, record.key);
    EXPECT_EQ(read->placement, record.placement);
    EXPECT_EQ(read->payload_bytes, record.payload_bytes);
    EXPECT_EQ(read->checksum, record.checksum);
  }
}

TEST(RecordTest, ARemovalNamesTheFirstExtentOnly) {
  const Record record = RemovalRecord(77, PutOf("a", 3).placement);
  EXPECT_EQ(record.placement.size(), 1u);
  EXPECT_EQ(record.placement.front().start(), BlockIndex(0));
  EXPECT_EQ(record.checksum, 77u);
  EXPECT_EQ(RecordBytes(record), 24u);
}

TEST(RecordTest, MustBeWhole) {
  const std::vector<std::byte> bytes = Encode(PutOf("key", 2));
  for (size_t size = 0; size < bytes.size(); ++size) {
    std::span<const std::byte> part = std::span(bytes).first(size);
    EXPECT_FALSE(TakeRecord(&part).has_value()) << size;
    EXPECT_EQ(part.size(), size);
  }
}

TEST(RecordTest, RejectsFieldsThatNoStoreWrites) {
  const Record put = PutOf("key", 1);
  const Record removal = RemovalRecord(77, put.placement);
  const Record open = OpenRecord(Lsn(78));
  const Record bad = BadRecord(put.placement);
  const struct {
    const char* what;
    Record record;
    std::function<void(RecordHeader*, ExtentRecord*)> change;
  } cases[] = {
      {"type 0", put, [](RecordHeader* header, ExtentRecord*) { header->type = 0; }},
      {"type 5", put, [](RecordHeader* header, ExtentRecord*) { header->type = 5; }},
      {"put: no key", put, [](RecordHeader* header, ExtentRecord*) { header->key_bytes = 0; }},
      {"put: a long key", put, [](RecordHeader* header, ExtentRecord*) { header->key_bytes = 1025; }},
      {"put: no extent", put, [](RecordHeader* header, ExtentRecord*) { header->extent_count = 0; }},
      {"put: nine extents", put, [](RecordHeader* header, ExtentRecord*) { header->extent_count = 9; }},
      {"put: no payload", put, [](RecordHeader* header, ExtentRecord*) { header->payload_bytes = 0; }},
      {"put: an empty extent", put, [](RecordHeader*, ExtentRecord* extent) { extent->count = 0; }},
      {"put: beyond all blocks", put,
       [](RecordHeader*, ExtentRecord* extent) { *extent = {.start = ~0u, .count = 2}; }},
      {"removal: a key", removal, [](RecordHeader* header, ExtentRecord*) { header->key_bytes = 1; }},
      {"removal: no extent", removal, [](RecordHeader* header, ExtentRecord*) { header->extent_count = 0; }},
      {"removal: a payload", removal, [](RecordHeader* header, ExtentRecord*) { header->payload_bytes = 1; }},
      {"open: a key", open, [](RecordHeader* header, ExtentRecord*) { header->key_bytes = 1; }},
      {"open: an extent", open, [](RecordHeader* header, ExtentRecord*) { header->extent_count = 1; }},
      {"open: a payload", open, [](RecordHeader* header, ExtentRecord*) { header->payload_bytes = 1; }},
      {"bad: a key", bad, [](RecordHeader* header, ExtentRecord*) { header->key_bytes = 1; }},
      {"bad: no extent", bad, [](RecordHeader* header, ExtentRecord*) { header->extent_count = 0; }},
      {"bad: a payload", bad, [](RecordHeader* header, ExtentRecord*) { header->payload_bytes = 1; }},
      {"bad: a checksum", bad, [](RecordHeader* header, ExtentRecord*) { header->checksum = 1; }},
  };
  for (const auto& one : cases) {
    std::vector<std::byte> bytes = Encode(one.record);
    bytes.resize(4096, std::byte{1});  // so that it is not for want of bytes
    ASSERT_TRUE(Decode(bytes).has_value());
    RecordHeader header;
    ExtentRecord extent;
    std::memcpy(&header, bytes.data(), sizeof(header));
    std::memcpy(&extent, bytes.data() + sizeof(header), sizeof(extent));
    one.change(&header, &extent);
    std::memcpy(bytes.data(), &header, sizeof(header));
    std::memcpy(bytes.data() + sizeof(header), &extent, sizeof(extent));
    EXPECT_FALSE(Decode(bytes).has_value()) << one.what;
  }
}

}  // namespace
}  // namespace slotwise
