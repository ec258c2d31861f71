// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/superblock_io.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <span>

#include "absl/strings/str_cat.h"
#include "iouring/aligned_buffer.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/metadata_io.h"
#include "rawblock/disk/superblock.h"

namespace slotwise {
namespace {

absl::Status Fits(const StoreHeader& header, uint64_t device_bytes) {
  if (header.layout.device_bytes <= device_bytes) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the device has ", device_bytes, " bytes, but its store needs ",
                                                    header.layout.device_bytes,
                                                    "; was it truncated, or copied to a smaller one?"));
}

AlignedBuffer SuperblockBuffer(const Device& device) {
  return AlignedBuffer(std::max<size_t>(device.alignment(), format::kSuperblockBytes), format::kBlockBytesMax);
}

// One copy after the other, each flushed before the next is touched: what tears one leaves the others.
absl::Status WriteCopies(Device* device, const format::Superblock& superblock, std::span<const uint64_t> copies) {
  AlignedBuffer block = SuperblockBuffer(*device);
  std::memcpy(block.span().data(), &superblock, sizeof(superblock));
  for (const uint64_t copy : copies) {
    absl::Status status = WriteBytes(device, copy * format::kSuperblockStride, block.span());
    if (status.ok()) status = FlushDevice(device);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

bool IsZero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace

absl::StatusOr<StoreHeader> ReadStoreHeader(Device* device, uint64_t* copies_bad) {
  AlignedBuffer block = SuperblockBuffer(*device);
  std::optional<StoreHeader> found;
  absl::Status error = absl::NotFoundError("");
  uint64_t bad = 0;
  bool first_erased = false;
  for (uint64_t copy = 0; copy < format::kSuperblockCopies; ++copy) {
    const uint64_t offset = copy * format::kSuperblockStride;
    if (offset + block.size() > device->size()) continue;
    const absl::Status read = ReadBytes(device, offset, block.span());
    if (copy == 0) first_erased = read.ok() && IsZero(block.span());
    const absl::StatusOr<StoreHeader> header =
        read.ok() ? DecodeSuperblock(std::span<const std::byte>(block.span()).first<format::kSuperblockBytes>())
                  : absl::StatusOr<StoreHeader>(read);
    if (absl::IsFailedPrecondition(header.status())) return header.status();
    if (!header.ok()) {
      ++bad;
      if (absl::IsNotFound(error)) error = header.status();
    } else if (!found.has_value()) {
      found = *header;
    }
  }
  if (copies_bad != nullptr) *copies_bad = bad;
  if (found.has_value()) {
    if (absl::Status status = Fits(*found, device->size()); !status.ok()) return status;
    return *found;
  }
  // A format that was cut short was writing, or erasing, the other copy while the first was erased.
  if (!absl::IsNotFound(error) && !(first_erased && absl::IsDataLoss(error))) return error;
  return absl::FailedPreconditionError("not formatted by Slotwise; `slotwise format` makes a store of it");
}

absl::Status WriteSuperblocks(Device* device, const StoreHeader& header) {
  return WriteCopies(device, EncodeSuperblock(header), std::array<uint64_t, 2>{1, 0});
}

absl::StatusOr<uint64_t> HealSuperblocks(Device* device, const StoreHeader& header) {
  const format::Superblock superblock = EncodeSuperblock(header);
  AlignedBuffer block = SuperblockBuffer(*device);
  uint64_t healed = 0;
  for (uint64_t copy = 0; copy < format::kSuperblockCopies; ++copy) {
    const uint64_t offset = copy * format::kSuperblockStride;
    const bool readable = ReadBytes(device, offset, block.span()).ok();
    if (readable && std::memcmp(block.span().data(), &superblock, sizeof(superblock)) == 0) continue;
    std::memset(block.span().data(), 0, block.size());
    std::memcpy(block.span().data(), &superblock, sizeof(superblock));
    if (absl::Status status = WriteBytes(device, offset, block.span()); !status.ok()) return status;
    if (absl::Status status = FlushDevice(device); !status.ok()) return status;
    ++healed;
  }
  return healed;
}

absl::Status EraseSuperblocks(Device* device) {
  return WriteCopies(device, format::Superblock{}, std::array<uint64_t, 2>{0, 1});
}

}  // namespace slotwise
