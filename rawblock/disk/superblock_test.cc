// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/superblock.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/layout.h"

namespace slotwise {
namespace {

using format::Superblock;
using ::testing::HasSubstr;

StoreHeader Header() {
  StoreHeader header;
  header.uuid = {1, 2, 3};
  header.salt = 42;
  header.created_unix_seconds = 99;
  header.max_entries = 1000;
  header.max_key_bytes = 256;
  header.layout = ComputeLayout({.device_bytes = 64 << 20, .max_entries = 1000, .max_key_bytes = 256}).value();
  header.allocator.engine = AllocatorOptions::Engine::kExtent;
  return header;
}

void Seal(Superblock* superblock) {
  superblock->checksum =
      MetadataChecksum(0, std::as_bytes(std::span(superblock, 1)).first(offsetof(Superblock, checksum)));
}

absl::StatusOr<StoreHeader> Decode(const Superblock& superblock) {
  return DecodeSuperblock(std::as_bytes(std::span(&superblock, 1)).first<format::kSuperblockBytes>());
}

TEST(SuperblockTest, IsReadAsWritten) {
  const StoreHeader header = Header();
  const absl::StatusOr<StoreHeader> read = Decode(EncodeSuperblock(header));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->uuid, header.uuid);
  EXPECT_EQ(read->salt, header.salt);
  EXPECT_EQ(read->created_unix_seconds, header.created_unix_seconds);
  EXPECT_EQ(read->max_entries, header.max_entries);
  EXPECT_EQ(read->max_key_bytes, header.max_key_bytes);
  EXPECT_EQ(read->layout, header.layout);
  EXPECT_EQ(read->allocator.engine, header.allocator.engine);
}

TEST(SuperblockTest, SaysWhatIsWrong) {
  const struct {
    absl::StatusCode code;
    const char* what;
    std::function<void(Superblock*)> change;
  } cases[] = {
      {absl::StatusCode::kNotFound, "no superblock", [](Superblock* block) { ++block->magic[7]; }},
      {absl::StatusCode::kFailedPrecondition, "newer", [](Superblock* block) { ++block->version; }},
      {absl::StatusCode::kFailedPrecondition, "older", [](Superblock* block) { --block->version; }},
      {absl::StatusCode::kDataLoss, "version 0", [](Superblock* block) { block->version = 0; }},
      {absl::StatusCode::kDataLoss, "block size", [](Superblock* block) { block->block_bytes = 6000; }},
      {absl::StatusCode::kDataLoss, "block size", [](Superblock* block) { block->block_bytes = 2048; }},
      {absl::StatusCode::kDataLoss, "block size", [](Superblock* block) { block->block_bytes = 128 << 10; }},
      {absl::StatusCode::kDataLoss, "key limit", [](Superblock* block) { block->max_key_bytes = 0; }},
      {absl::StatusCode::kDataLoss, "key limit", [](Superblock* block) { block->max_key_bytes = 1025; }},
      {absl::StatusCode::kDataLoss, "data region", [](Superblock* block) { ++block->data_blocks; }},
      {absl::StatusCode::kDataLoss, "superblock", [](Superblock* block) { block->allocator.engine = 9; }},
  };
  for (const auto& one : cases) {
    Superblock superblock = EncodeSuperblock(Header());
    one.change(&superblock);
    Seal(&superblock);
    const absl::Status status = Decode(superblock).status();
    EXPECT_EQ(status.code(), one.code) << one.what;
    EXPECT_THAT(status.message(), HasSubstr(one.what));
  }
}

TEST(SuperblockTest, EveryByteBehindTheMagicCounts) {
  const Superblock whole = EncodeSuperblock(Header());
  for (size_t byte = 8; byte < sizeof(Superblock); ++byte) {
    Superblock damaged = whole;
    std::as_writable_bytes(std::span(&damaged, 1))[byte] ^= std::byte{1};
    EXPECT_THAT(Decode(damaged).status().message(), HasSubstr("checksum")) << "byte " << byte;
  }
}

}  // namespace
}  // namespace slotwise
