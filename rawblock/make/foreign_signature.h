// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_MAKE_FOREIGN_SIGNATURE_H_
#define SLOTWISE_RAWBLOCK_MAKE_FOREIGN_SIGNATURE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "iouring/device_file.h"

namespace slotwise {

// By what others would know a device as theirs: a file system, a member of an array or volume group, a partition table.
struct ForeignSignature {
  std::string type;     // libblkid's name of it: "ext4", "linux_raid_member", "gpt"
  uint64_t offset = 0;  // of its mark, in bytes
};

// What libblkid finds first, wherever on the device; none if it names nothing. Blocks; reads through the page cache.
absl::StatusOr<std::optional<ForeignSignature>> FindForeignSignature(const DeviceFile& file);

// Overwrites with zeros what libblkid finds, until it names nothing, and makes that durable. Of a block device the
// kernel forgets the partitions, as far as it lets us. Blocks.
absl::Status EraseForeignSignatures(const DeviceFile& file);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_MAKE_FOREIGN_SIGNATURE_H_
