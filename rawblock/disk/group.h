// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_DISK_GROUP_H_
#define SLOTWISE_RAWBLOCK_DISK_GROUP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "rawblock/disk/format.h"

namespace slotwise {

// Records under one checksum: the unit in which the journal and checkpoints are
// written. A group is read whole or not at all.
struct Group {
  uint32_t magic = 0;
  uint32_t record_count = 0;
  uint64_t sequence = 0;
  uint64_t owner = 0;
  uint64_t session = 0;
  uint64_t previous = 0;
  uint64_t checksum = 0;               // set by EncodeGroup and DecodeGroup
  std::span<const std::byte> records;  // borrowed
};

// The bytes `group` takes on the device: header, records and padding.
uint64_t GroupBytes(uint64_t record_bytes, uint32_t block_bytes);

// Writes `group` at the front of `out` and zeros after it to the end of its
// last block. Returns its checksum. REQUIRES: out.size() >= GroupBytes(...).
uint64_t EncodeGroup(const Group& group, uint64_t salt, std::span<std::byte> out);

// The sequence number in the group header at the front of `bytes`, which may hold anything; nullopt if there is no
// header with this magic. O(1), without the checksum: a cheap test before DecodeGroup, which may still refuse the
// group.
std::optional<uint64_t> GroupSequence(uint32_t magic, std::span<const std::byte> bytes);

// The bytes that DecodeGroup reads of a group with such a header, whose checksum may be wrong. O(1).
uint64_t ClaimedBytes(std::span<const std::byte> bytes);

// The group at the front of `bytes`, which may hold anything; nullopt unless it is whole and its checksum is right. Its
// records are not checked yet.
std::optional<Group> DecodeGroup(uint32_t magic, uint64_t salt, std::span<const std::byte> bytes);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_DISK_GROUP_H_
