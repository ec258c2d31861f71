// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/checksum.h"

#include "xxhash.h"

namespace slotwise {

uint64_t KeyHash(uint64_t salt, std::string_view key) { return XXH3_64bits_withSeed(key.data(), key.size(), salt); }

uint64_t PayloadChecksum(std::string_view key, const Placement& placement, std::span<const std::byte> payload) {
  uint64_t seed = XXH3_64bits(key.data(), key.size());
  for (const Extent& extent : placement) {
    const uint64_t place[2] = {extent.start().value(), extent.count().value()};
    seed = XXH3_64bits_withSeed(place, sizeof(place), seed);
  }
  return XXH3_64bits_withSeed(payload.data(), payload.size(), seed);
}

uint64_t MetadataChecksum(uint64_t salt, std::span<const std::byte> bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), salt);
}

}  // namespace slotwise
