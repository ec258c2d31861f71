// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_DISK_METADATA_IO_H_
#define SLOTWISE_RAWBLOCK_DISK_METADATA_IO_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "iouring/device.h"

namespace slotwise {

// Blocking transfers for formatting and recovery, split into large requests
// that are in flight together. `offset` in bytes; `bytes` aligned in address
// and length. Nothing else may be in flight on `device`.
absl::Status ReadBytes(Device* device, uint64_t offset, std::span<std::byte> bytes);
absl::Status WriteBytes(Device* device, uint64_t offset, std::span<const std::byte> bytes);
absl::Status FlushDevice(Device* device);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_DISK_METADATA_IO_H_
