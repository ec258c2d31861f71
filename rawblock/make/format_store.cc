// SPDX-License-Identifier: Apache-2.0
#include "rawblock/make/format_store.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "iouring/aligned_buffer.h"
#include "iouring/device.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/metadata_io.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/log/checkpoint.h"

namespace slotwise {
namespace {

constexpr uint64_t kEntriesMin = 64;

// As much of the head as any file system or partition table marks.
constexpr uint64_t kHeadBytes = 1 << 20;

uint64_t EntriesMax(const FormatOptions& options, uint64_t capacity_bytes) {
  return options.max_entries != 0 ? options.max_entries : EntriesFor(capacity_bytes, kPayloadBytesTypical);
}

absl::Status CheckBlank(Device* device) {
  AlignedBuffer head(std::min(kHeadBytes, device->size() / format::kBlockBytesMax * format::kBlockBytesMax),
                     format::kBlockBytesMax);
  if (absl::Status status = ReadBytes(device, 0, head.span()); !status.ok()) return status;
  if (std::memcmp(head.span().data(), format::kSuperblockMagic, sizeof(format::kSuperblockMagic)) == 0) {
    return absl::FailedPreconditionError("the device already holds a Slotwise store; --force formats it anew");
  }
  const std::span<const std::byte> bytes = head.span();
  const auto used = std::find_if(bytes.begin(), bytes.end(), [](std::byte byte) { return byte != std::byte{0}; });
  if (used == bytes.end()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the head of the device is not blank (data at byte ",
                                                    used - bytes.begin(), "); --force overwrites it"));
}

absl::Status WriteEmptyCheckpoint(Device* device, const StoreHeader& header) {
  const Index empty(header.salt);
  CheckpointWriter writer(header, 0, &empty, device);
  writer.Start(1, JournalPoint());
  writer.Seal();
  absl::Status status;
  while (device->in_flight() > 0) status.Update(device->Poll(absl::InfiniteDuration()));
  status.Update(writer.status());
  return status;
}

}  // namespace

uint64_t EntriesFor(uint64_t capacity_bytes, uint64_t group_bytes, uint64_t group_payloads) {
  const uint64_t entries = capacity_bytes / group_bytes * group_payloads;
  return std::max(kEntriesMin, entries + entries / 4);
}

uint32_t BlockBytes(uint32_t device_alignment) { return std::max(device_alignment, format::kBlockBytesMin); }

absl::StatusOr<Layout> PlanLayout(const FormatOptions& options, uint64_t device_bytes, uint32_t device_alignment) {
  if (device_alignment > format::kBlockBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("blocks of ", device_alignment, " bytes are not supported; at most ", format::kBlockBytesMax));
  }
  if (options.capacity_bytes > device_bytes) {
    return absl::InvalidArgumentError(absl::StrCat("capacity of ", options.capacity_bytes,
                                                   " bytes is larger than the device, ", device_bytes, " bytes"));
  }
  if (options.max_key_bytes == 0 || options.max_key_bytes > format::kKeyBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("keys of up to ", options.max_key_bytes, " bytes: must be 1 to ", format::kKeyBytesMax));
  }
  const uint64_t capacity = options.capacity_bytes == 0 ? device_bytes : options.capacity_bytes;
  const uint64_t max_entries = EntriesMax(options, capacity);
  if (max_entries > kMaxSpace.value()) {
    return absl::InvalidArgumentError(absl::StrCat("max_entries of ", max_entries, ": at most ", kMaxSpace.value()));
  }
  return ComputeLayout({.device_bytes = capacity,
                        .block_bytes = BlockBytes(device_alignment),
                        .max_entries = max_entries,
                        .max_key_bytes = options.max_key_bytes});
}

absl::Status FormatStore(Device* device, const FormatOptions& options) {
  const absl::StatusOr<Layout> layout = PlanLayout(options, device->size(), device->alignment());
  if (!layout.ok()) return layout.status();
  StoreHeader header;
  header.uuid = options.uuid;
  header.salt = options.salt;
  header.created_unix_seconds = static_cast<uint64_t>(std::max<int64_t>(0, absl::ToUnixSeconds(options.created)));
  header.max_entries = EntriesMax(options, options.capacity_bytes == 0 ? device->size() : options.capacity_bytes);
  header.max_key_bytes = options.max_key_bytes;
  header.layout = *layout;
  header.allocator = options.allocator;
  return FormatStore(device, header, options.force);
}

absl::Status FormatStore(Device* device, const StoreHeader& header, bool force) {
  absl::Status status = Validate(header.allocator, BlockCount(header.layout.data_blocks));
  if (!status.ok()) return status;
  if (!force) {
    if (status = CheckBlank(device); !status.ok()) return status;
  }
  if (status = EraseSuperblocks(device); !status.ok()) return status;
  if (status = WriteEmptyCheckpoint(device, header); !status.ok()) return status;
  return WriteSuperblocks(device, header);
}

}  // namespace slotwise
