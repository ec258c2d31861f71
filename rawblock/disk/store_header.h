// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_DISK_STORE_HEADER_H_
#define SLOTWISE_RAWBLOCK_DISK_STORE_HEADER_H_

#include <array>
#include <cstdint>
#include <string>

#include "allocator/allocator_options.h"
#include "rawblock/disk/layout.h"

namespace slotwise {

using Uuid = std::array<uint8_t, 16>;

// "01234567-89ab-cdef-0123-456789abcdef".
std::string UuidString(const Uuid& uuid);

// What is fixed when a store is formatted: its identity, limits, regions and
// engine. The decoded superblock.
struct StoreHeader {
  Uuid uuid = {};
  uint64_t salt = 0;  // secret; seeds the metadata checksums
  uint64_t created_unix_seconds = 0;
  uint64_t max_entries = 0;
  uint32_t max_key_bytes = 0;
  Layout layout;
  AllocatorOptions allocator;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_DISK_STORE_HEADER_H_
