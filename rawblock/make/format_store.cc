// SPDX-License-Identifier: Apache-2.0
#include "rawblock/make/format_store.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "iouring/aligned_buffer.h"
#include "iouring/device.h"
#include "rawblock/disk/checksum.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/metadata_io.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/log/checkpoint.h"

namespace slotwise {
namespace {

constexpr uint64_t kEntriesMin = 64;

// As much of either end as file systems, arrays and partition tables mark.
constexpr uint64_t kEndBytes = 1 << 20;

// [from, to) in bytes.
struct Range {
  uint64_t from;
  uint64_t to;
};

uint64_t RoundDown(uint64_t value, uint64_t unit) { return value / unit * unit; }

uint64_t EntriesMax(const FormatOptions& options, uint64_t capacity_bytes) {
  return options.max_entries != 0 ? options.max_entries : EntriesFor(capacity_bytes, kPayloadBytesTypical);
}

Range Head(const Device& device) { return {0, std::min<uint64_t>(kEndBytes, device.size())}; }

Range Tail(const Device& device) {
  const uint64_t bytes = std::min<uint64_t>(kEndBytes, device.size());
  return {RoundDown(device.size() - bytes, device.alignment()), device.size()};
}

Range SecondSuperblock(const Device& device) {
  const uint64_t from = format::kSuperblockStride;
  return {from, from + std::max<uint64_t>(device.alignment(), format::kSuperblockBytes)};
}

absl::Status NotBlank(absl::string_view what) {
  return absl::FailedPreconditionError(absl::StrCat(what, "; `slotwise format --force` overwrites it"));
}

absl::Status CheckRange(Device* device, const Range& range, absl::string_view where) {
  if (range.from >= range.to) return absl::OkStatus();
  AlignedBuffer buffer(range.to - range.from, format::kBlockBytesMax);
  if (absl::Status status = ReadBytes(device, range.from, buffer.span()); !status.ok()) return status;
  const std::span<const std::byte> bytes = buffer.span();
  const auto used = std::find_if(bytes.begin(), bytes.end(), [](std::byte byte) { return byte != std::byte{0}; });
  if (used == bytes.end()) return absl::OkStatus();
  return NotBlank(absl::StrCat("the ", where, " of the device is not blank (data at byte ",
                               range.from + static_cast<uint64_t>(used - bytes.begin()), ")"));
}

absl::Status WriteZeros(Device* device, const Range& range) {
  const AlignedBuffer zeros(range.to - range.from, format::kBlockBytesMax);
  absl::Status status = WriteBytes(device, range.from, zeros.span());
  if (status.ok()) status = FlushDevice(device);
  return status;
}

absl::Status Erase(Device* device) {
  absl::Status status = EraseSuperblocks(device);
  if (status.ok()) status = WriteZeros(device, Head(*device));
  if (status.ok()) status = WriteZeros(device, Tail(*device));
  return status;
}

// Another one than of the store that is there: what it left beyond the ends, and seeded with its own salt, counts for
// nothing.
uint64_t FreshSalt(Device* device, uint64_t salt) {
  const absl::StatusOr<StoreHeader> old = ReadStoreHeader(device, /*copies_bad=*/nullptr);
  return old.ok() ? MetadataChecksum(old->salt, std::as_bytes(std::span(&salt, 1))) : salt;
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

uint64_t WholeBlocks(uint64_t capacity_bytes, uint32_t device_alignment) {
  const uint64_t block_bytes = BlockBytes(device_alignment);
  return capacity_bytes == 0 ? 0 : std::max(block_bytes, RoundDown(capacity_bytes, block_bytes));
}

absl::Status CheckBlank(Device* device, const StoreHeader& header) {
  const absl::Status found = ReadStoreHeader(device, /*copies_bad=*/nullptr).status();
  if (found.ok() || absl::IsDataLoss(found)) return NotBlank("the device already holds a Slotwise store");
  const Range head = Head(*device);
  const Range second = SecondSuperblock(*device);
  Range tail = Tail(*device);
  tail.from = std::max(tail.from, header.layout.data_offset);
  absl::Status status = CheckRange(device, {head.from, std::min(second.from, head.to)}, "head");
  if (status.ok()) status = CheckRange(device, {second.to, head.to}, "head");
  if (status.ok()) status = CheckRange(device, tail, "end");
  return status;
}

absl::StatusOr<Layout> PlanLayout(const FormatOptions& options, uint64_t device_bytes, uint32_t device_alignment) {
  if (device_alignment > format::kBlockBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("blocks of ", device_alignment, " bytes are not supported; at most ", format::kBlockBytesMax));
  }
  const uint64_t capacity =
      options.capacity_bytes == 0 ? device_bytes : WholeBlocks(options.capacity_bytes, device_alignment);
  if (capacity > device_bytes) {
    return absl::InvalidArgumentError(absl::StrCat("capacity of ", options.capacity_bytes,
                                                   " bytes is larger than the device, ", device_bytes, " bytes"));
  }
  if (options.max_key_bytes == 0 || options.max_key_bytes > format::kKeyBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("keys of up to ", options.max_key_bytes, " bytes: must be 1 to ", format::kKeyBytesMax));
  }
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
  const uint64_t capacity = WholeBlocks(options.capacity_bytes, device->alignment());
  header.max_entries = EntriesMax(options, capacity == 0 ? device->size() : capacity);
  header.max_key_bytes = options.max_key_bytes;
  header.layout = *layout;
  header.allocator = options.allocator;
  return FormatStore(device, header, options.force);
}

absl::Status FormatStore(Device* device, const StoreHeader& header, bool force) {
  absl::Status status = Validate(header.allocator, BlockCount(header.layout.data_blocks));
  if (!status.ok()) return status;
  StoreHeader fresh = header;
  if (force) {
    fresh.salt = FreshSalt(device, header.salt);
    status = Erase(device);
  } else {
    status = CheckBlank(device, header);
  }
  if (status.ok()) status = WriteEmptyCheckpoint(device, fresh);
  if (status.ok()) status = WriteSuperblocks(device, fresh);
  return status;
}

}  // namespace slotwise
