// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_DISK_CHECKSUM_H_
#define SLOTWISE_RAWBLOCK_DISK_CHECKSUM_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "allocator/extent.h"

namespace slotwise {

// XXH3-64 of a key, seeded with the store's salt, so that a caller who does not know it cannot choose keys that
// collide. O(bytes).
uint64_t KeyHash(uint64_t salt, std::string_view key);

// XXH3-64 of a payload, seeded with its key and placement: besides damage it shows a payload that was written to, or
// read from, another payload's place. O(bytes).
uint64_t PayloadChecksum(std::string_view key, const Placement& placement, std::span<const std::byte> payload);

// XXH3-64 of metadata, seeded with the store's salt (0 for the superblock).
uint64_t MetadataChecksum(uint64_t salt, std::span<const std::byte> bytes);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_DISK_CHECKSUM_H_
