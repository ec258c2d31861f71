// SPDX-License-Identifier: Apache-2.0
// Every decoder of metadata, alone. The first byte picks one, the others are what
// it reads: once as they are, and once under a right checksum, so that what
// stands behind it is reached. What is accepted must survive being written again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "glog/logging.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/group.h"
#include "rawblock/disk/record.h"
#include "rawblock/disk/superblock.h"

namespace slotwise {
namespace {

constexpr uint64_t kSalt = 7;
constexpr uint32_t kBlockBytes = 4096;
// Larger spaces would only take longer to build.
constexpr uint64_t kBlocksMax = 1 << 16;

using SuperblockBytes = std::span<const std::byte, format::kSuperblockBytes>;

void CheckSuperblock(const format::Superblock& superblock) {
  const absl::StatusOr<StoreHeader> header =
      DecodeSuperblock(SuperblockBytes(reinterpret_cast<const std::byte*>(&superblock), sizeof(superblock)));
  if (!header.ok()) return;
  const format::Superblock again = EncodeSuperblock(*header);
  const absl::StatusOr<StoreHeader> same =
      DecodeSuperblock(SuperblockBytes(reinterpret_cast<const std::byte*>(&again), sizeof(again)));
  CHECK_EQ(same.status(), absl::OkStatus());
  CHECK(same->layout == header->layout);
  CHECK(same->allocator == header->allocator);
  if (header->layout.data_blocks > kBlocksMax) return;
  CHECK_EQ(CreateAllocator(header->allocator, BlockCount(header->layout.data_blocks)).status(), absl::OkStatus());
}

void FuzzSuperblock(std::span<const std::byte> bytes) {
  format::Superblock superblock{};
  std::memcpy(&superblock, bytes.data(), std::min(bytes.size(), sizeof(superblock)));
  CheckSuperblock(superblock);
  std::copy_n(format::kSuperblockMagic, sizeof(superblock.magic), superblock.magic);
  superblock.version = format::kVersion;
  superblock.checksum =
      MetadataChecksum(0, std::as_bytes(std::span(&superblock, 1)).first(offsetof(format::Superblock, checksum)));
  CheckSuperblock(superblock);
}

void FuzzRecords(std::span<const std::byte> bytes) {
  while (true) {
    const std::span<const std::byte> before = bytes;
    const std::optional<Record> record = TakeRecord(&bytes);
    if (!record.has_value()) {
      CHECK_EQ(bytes.size(), before.size());
      return;
    }
    std::vector<std::byte> again;
    AppendRecord(*record, &again);
    CHECK_EQ(again.size(), RecordBytes(*record));
    CHECK(std::ranges::equal(again, before.first(before.size() - bytes.size())));
  }
}

void FuzzGroup(std::span<const std::byte> bytes) {
  if (const std::optional<Group> group = DecodeGroup(format::kJournalMagic, kSalt, bytes)) {
    CHECK_EQ(GroupSequence(format::kJournalMagic, bytes).value(), group->sequence);
    FuzzRecords(group->records);
  }
  const std::span<const std::byte> records =
      bytes.first(std::min(bytes.size(), format::kGroupBytesMax - sizeof(format::GroupHeader)));
  std::vector<std::byte> encoded(GroupBytes(records.size(), kBlockBytes));
  EncodeGroup({.magic = format::kCheckpointMagic, .record_count = 1, .sequence = 2, .owner = 3, .records = records},
              kSalt, encoded);
  const std::optional<Group> decoded = DecodeGroup(format::kCheckpointMagic, kSalt, encoded);
  CHECK(decoded.has_value() && std::ranges::equal(decoded->records, records));
  CHECK(!DecodeGroup(format::kCheckpointMagic, kSalt + 1, encoded).has_value());
}

}  // namespace
}  // namespace slotwise

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0:
      slotwise::FuzzSuperblock(bytes);
      break;
    case 1:
      slotwise::FuzzGroup(bytes);
      break;
    default:
      slotwise::FuzzRecords(bytes);
  }
  return 0;
}
