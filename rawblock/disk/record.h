// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_DISK_RECORD_H_
#define SLOTWISE_RAWBLOCK_DISK_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "allocator/extent.h"
#include "rawblock/disk/format.h"

namespace slotwise {

// One line of the journal or a checkpoint. Absolute: replaying it twice is the
// same as once.
struct Record {
  format::RecordType type = format::RecordType::kOpen;
  std::string_view key;  // borrowed
  Placement placement;
  uint32_t payload_bytes = 0;
  uint64_t checksum = 0;  // kRemove: the hash of the key
};

// Says that the entry whose key has this hash is gone from `placement`. It names
// the place instead of the key, which takes a fifth of the bytes; the place
// alone identifies the entry, the hash finds it.
Record RemovalRecord(uint64_t key_hash, const Placement& placement);

// The bytes that `record` takes on the device.
size_t RecordBytes(const Record& record);

void AppendRecord(const Record& record, std::vector<std::byte>* out);

// Takes one record off the front of `bytes`, which may hold anything; the key
// points into them. nullopt, and `bytes` unchanged, if there is no valid record.
// Whether the placement lies inside the data region is the caller's to check.
std::optional<Record> TakeRecord(std::span<const std::byte>* bytes);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_DISK_RECORD_H_
