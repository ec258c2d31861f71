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
#include "rawblock/disk/lsn.h"

namespace slotwise {

// One entry of the journal or a checkpoint. Absolute: replaying it twice has the effect of once.
struct Record {
  format::RecordType type = format::RecordType::kOpen;
  std::string_view key;  // borrowed
  Placement placement;
  uint32_t payload_bytes = 0;
  uint64_t checksum = 0;  // kRemove: the hash of the key. kOpen: the LSN behind the records that were recovered
};

// Removes the entry whose key has this hash from `placement`. The hash finds the entry, the place identifies it. Such a
// record takes a fifth of the bytes of one with the key.
Record RemovalRecord(uint64_t key_hash, const Placement& placement);

// A session begins that recovered the records below `recovered_end`: those from there up to this one are of a dead
// session, which nobody was told of.
Record OpenRecord(Lsn recovered_end);
// Writes to `placement` fail.
Record BadRecord(const Placement& placement);

// The bytes that `record` takes on the device.
size_t RecordBytes(const Record& record);

void AppendRecord(const Record& record, std::vector<std::byte>* out);

// Takes one record off the front of `bytes`, which may hold anything; the key
// points into them. nullopt, and `bytes` unchanged, if there is no valid record.
// Whether the placement lies inside the data region is the caller's to check.
std::optional<Record> TakeRecord(std::span<const std::byte>* bytes);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_DISK_RECORD_H_
