// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/group.h"

#include <algorithm>
#include <cstring>

#include "glog/logging.h"
#include "rawblock/disk/checksum.h"

namespace slotwise {
namespace {

using format::GroupHeader;

// The records as one run, seeded with the header that claims them.
uint64_t Checksum(GroupHeader header, uint64_t salt, std::span<const std::byte> records) {
  header.checksum = 0;
  const uint64_t seed = MetadataChecksum(salt, std::as_bytes(std::span(&header, 1)));
  return MetadataChecksum(seed, records);
}

}  // namespace

uint64_t GroupBytes(uint64_t record_bytes, uint32_t block_bytes) {
  return (sizeof(GroupHeader) + record_bytes + block_bytes - 1) / block_bytes * block_bytes;
}

uint64_t EncodeGroup(const Group& group, uint64_t salt, std::span<std::byte> out) {
  CHECK_LE(sizeof(GroupHeader) + group.records.size(), out.size());
  GroupHeader header{.magic = group.magic,
                     .record_bytes = static_cast<uint32_t>(group.records.size()),
                     .record_count = group.record_count,
                     .reserved_zero = 0,
                     .sequence = group.sequence,
                     .owner = group.owner,
                     .session = group.session,
                     .previous = group.previous,
                     .reserved_zero2 = 0,
                     .checksum = 0};
  header.checksum = Checksum(header, salt, group.records);
  std::memcpy(out.data(), &header, sizeof(header));
  std::copy(group.records.begin(), group.records.end(), out.begin() + sizeof(header));
  std::fill(out.begin() + static_cast<ptrdiff_t>(sizeof(header) + group.records.size()), out.end(), std::byte{0});
  return header.checksum;
}

std::optional<uint64_t> GroupSequence(uint32_t magic, std::span<const std::byte> bytes) {
  GroupHeader header;
  if (bytes.size() < sizeof(header)) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof(header));
  return header.magic == magic ? std::optional<uint64_t>(header.sequence) : std::nullopt;
}

uint64_t ClaimedBytes(std::span<const std::byte> bytes) {
  GroupHeader header;
  if (bytes.size() < sizeof(header)) return 0;
  std::memcpy(&header, bytes.data(), sizeof(header));
  const uint64_t room = std::min<uint64_t>(bytes.size(), format::kGroupBytesMax) - sizeof(header);
  return sizeof(header) + (header.record_bytes > room ? 0 : header.record_bytes);
}

std::optional<Group> DecodeGroup(uint32_t magic, uint64_t salt, std::span<const std::byte> bytes) {
  GroupHeader header;
  if (bytes.size() < sizeof(header)) return std::nullopt;
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.magic != magic || header.reserved_zero != 0 || header.reserved_zero2 != 0) return std::nullopt;
  const uint64_t room = std::min<uint64_t>(bytes.size(), format::kGroupBytesMax) - sizeof(header);
  if (header.record_bytes > room) return std::nullopt;
  const std::span<const std::byte> records = bytes.subspan(sizeof(header), header.record_bytes);
  if (header.checksum != Checksum(header, salt, records)) return std::nullopt;
  return Group{.magic = magic,
               .record_count = header.record_count,
               .sequence = header.sequence,
               .owner = header.owner,
               .session = header.session,
               .previous = header.previous,
               .checksum = header.checksum,
               .records = records};
}

}  // namespace slotwise
