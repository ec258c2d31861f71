// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_DISK_SUPERBLOCK_H_
#define SLOTWISE_RAWBLOCK_DISK_SUPERBLOCK_H_

#include <cstddef>
#include <span>

#include "absl/status/statusor.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/store_header.h"

namespace slotwise {

format::Superblock EncodeSuperblock(const StoreHeader& header);

// Decodes and checks every field; `bytes` may hold anything.
// kNotFound: no superblock here. kFailedPrecondition: written by a newer
// version. kDataLoss: a damaged superblock.
absl::StatusOr<StoreHeader> DecodeSuperblock(std::span<const std::byte, format::kSuperblockBytes> bytes);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_DISK_SUPERBLOCK_H_
