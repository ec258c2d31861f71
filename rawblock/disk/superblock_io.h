// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_DISK_SUPERBLOCK_IO_H_
#define SLOTWISE_RAWBLOCK_DISK_SUPERBLOCK_IO_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "iouring/device.h"
#include "rawblock/disk/store_header.h"

namespace slotwise {

// Reads the superblock: the first valid copy. `copies_bad`, if not null, gets
// the number of those that are damaged or cannot be read.
// kFailedPrecondition: not formatted by Slotwise, a newer version, or a device
// smaller than the store. kDataLoss: no copy is valid. Other errors: no copy is
// valid, and reading failed so. A device whose first copy is all zeros and whose
// other is not valid is not formatted: that is what a power cut during a format
// leaves.
absl::StatusOr<StoreHeader> ReadStoreHeader(Device* device, uint64_t* copies_bad);

// Writes every copy of the superblock, the first one last, and flushes each: a crash leaves either a good copy, or the
// first one as it was.
absl::Status WriteSuperblocks(Device* device, const StoreHeader& header);
// Writes the copies that differ from `header`, one after the other, and flushes each: a crash never leaves fewer good
// copies than there were.
absl::StatusOr<uint64_t> HealSuperblocks(Device* device, const StoreHeader& header);
// Overwrites every copy with zeros, the first one first, and flushes each: the device holds no store.
absl::Status EraseSuperblocks(Device* device);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_DISK_SUPERBLOCK_IO_H_
