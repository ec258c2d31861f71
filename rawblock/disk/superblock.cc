// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/superblock.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "rawblock/disk/checksum.h"

namespace slotwise {
namespace {

using format::AllocatorConfiguration;
using format::Superblock;
using Engine = AllocatorOptions::Engine;

uint32_t Narrow(BlockCount count) { return static_cast<uint32_t>(count.value()); }

AllocatorConfiguration EncodeSlab(const SlabOptions& options) {
  AllocatorConfiguration out{};
  out.size_class_rule = options.size_class_rule;
  out.fallback = options.fallback;
  out.rebind = options.rebind;
  out.partial_share_basis_points = static_cast<uint16_t>(options.partial_share_basis_points);
  out.full_reservation_basis_points = static_cast<uint16_t>(options.full_reservation_basis_points);
  out.segment_blocks = Narrow(options.segment);
  out.partial_min_blocks = Narrow(options.partial_min);
  out.partial_max_blocks = Narrow(options.partial_max);
  CHECK_LE(options.full_sizes.size(), format::kFullSizesMax);
  for (const BlockCount size : options.full_sizes) out.full_size_blocks[out.full_size_count++] = Narrow(size);
  return out;
}

AllocatorConfiguration EncodeAllocator(const AllocatorOptions& options) {
  AllocatorConfiguration out{};
  if (options.engine == Engine::kSlab) out = EncodeSlab(options.slab);
  if (options.engine == Engine::kFixedSlot) out.slot_blocks = Narrow(options.fixed_slot);
  if (options.engine == Engine::kBuddy) out.slot_blocks = Narrow(options.buddy_smallest);
  if (options.engine == Engine::kExtent) {
    out.slot_blocks = Narrow(options.extent.piece_min);
    out.extents_max = options.extent.extents_max;
  }
  out.engine = static_cast<uint8_t>(options.engine);
  return out;
}

SlabOptions DecodeSlab(const AllocatorConfiguration& in) {
  SlabOptions options;
  options.segment = BlockCount(in.segment_blocks);
  options.partial_min = BlockCount(in.partial_min_blocks);
  options.partial_max = BlockCount(in.partial_max_blocks);
  options.size_class_rule = in.size_class_rule;
  options.partial_share_basis_points = in.partial_share_basis_points;
  options.full_reservation_basis_points = in.full_reservation_basis_points;
  options.fallback = in.fallback != 0;
  options.rebind = in.rebind != 0;
  const uint32_t sizes = std::min(in.full_size_count, format::kFullSizesMax);
  for (uint32_t i = 0; i < sizes; ++i) options.full_sizes.emplace_back(in.full_size_blocks[i]);
  return options;
}

AllocatorOptions DecodeAllocator(const AllocatorConfiguration& in) {
  AllocatorOptions options;
  options.engine = static_cast<Engine>(in.engine);
  if (options.engine == Engine::kSlab) options.slab = DecodeSlab(in);
  if (options.engine == Engine::kFixedSlot) options.fixed_slot = BlockCount(in.slot_blocks);
  if (options.engine == Engine::kBuddy) options.buddy_smallest = BlockCount(in.slot_blocks);
  if (options.engine == Engine::kExtent) {
    options.extent = {.extents_max = in.extents_max, .piece_min = BlockCount(in.slot_blocks)};
  }
  return options;
}

Layout DecodeLayout(const Superblock& in) {
  Layout layout;
  layout.device_bytes = in.device_bytes;
  layout.block_bytes = in.block_bytes;
  layout.journal_offset = in.journal_offset;
  layout.journal_bytes = in.journal_bytes;
  layout.checkpoint_offset = {in.checkpoint_offset[0], in.checkpoint_offset[1]};
  layout.checkpoint_bytes = in.checkpoint_bytes;
  layout.data_offset = in.data_offset;
  layout.data_blocks = in.data_blocks;
  return layout;
}

uint64_t Checksum(const Superblock& superblock) {
  return MetadataChecksum(0, std::as_bytes(std::span(&superblock, 1)).first(offsetof(Superblock, checksum)));
}

absl::Status ValidateLimits(const Superblock& in) {
  if (!std::has_single_bit(in.block_bytes) || in.block_bytes < format::kBlockBytesMin ||
      in.block_bytes > format::kBlockBytesMax) {
    return absl::DataLossError(absl::StrCat("superblock: block size of ", in.block_bytes, " bytes"));
  }
  if (in.max_key_bytes == 0 || in.max_key_bytes > format::kKeyBytesMax) {
    return absl::DataLossError(absl::StrCat("superblock: key limit of ", in.max_key_bytes, " bytes"));
  }
  return absl::OkStatus();
}

}  // namespace

Superblock EncodeSuperblock(const StoreHeader& header) {
  Superblock out{};
  std::copy_n(format::kSuperblockMagic, sizeof(out.magic), out.magic);
  out.version = format::kVersion;
  out.block_bytes = header.layout.block_bytes;
  std::copy(header.uuid.begin(), header.uuid.end(), out.uuid);
  out.salt = header.salt;
  out.device_bytes = header.layout.device_bytes;
  out.max_entries = header.max_entries;
  out.max_key_bytes = header.max_key_bytes;
  out.journal_offset = header.layout.journal_offset;
  out.journal_bytes = header.layout.journal_bytes;
  std::copy(header.layout.checkpoint_offset.begin(), header.layout.checkpoint_offset.end(), out.checkpoint_offset);
  out.checkpoint_bytes = header.layout.checkpoint_bytes;
  out.data_offset = header.layout.data_offset;
  out.data_blocks = header.layout.data_blocks;
  out.created_unix_seconds = header.created_unix_seconds;
  out.allocator = EncodeAllocator(header.allocator);
  out.checksum = Checksum(out);
  return out;
}

absl::StatusOr<StoreHeader> DecodeSuperblock(std::span<const std::byte, format::kSuperblockBytes> bytes) {
  Superblock in;
  std::memcpy(&in, bytes.data(), sizeof(in));
  if (std::memcmp(in.magic, format::kSuperblockMagic, sizeof(in.magic)) != 0) {
    return absl::NotFoundError("no superblock");
  }
  // The checksum before the version: a bit that rots there must not make a store one of a newer program's.
  if (in.checksum != Checksum(in)) return absl::DataLossError("superblock: checksum is wrong");
  if (in.version > format::kVersion) {
    return absl::FailedPreconditionError(absl::StrCat("format version ", in.version, " is newer than this program's ",
                                                      format::kVersion, "; use a newer Slotwise"));
  }
  if (in.version == 0) return absl::DataLossError("superblock: version 0");
  if (in.version < format::kVersion) {
    return absl::FailedPreconditionError(absl::StrCat("format version ", in.version, " is older than this program's ",
                                                      format::kVersion,
                                                      "; format the device anew, or use the Slotwise that wrote it"));
  }
  if (absl::Status status = ValidateLimits(in); !status.ok()) return status;

  StoreHeader header;
  std::copy_n(in.uuid, header.uuid.size(), header.uuid.begin());
  header.salt = in.salt;
  header.created_unix_seconds = in.created_unix_seconds;
  header.max_entries = in.max_entries;
  header.max_key_bytes = in.max_key_bytes;
  header.layout = DecodeLayout(in);
  header.allocator = DecodeAllocator(in.allocator);
  if (absl::Status status = ValidateLayout(header.layout, in.max_entries, in.max_key_bytes); !status.ok()) {
    return status;
  }
  if (absl::Status status = Validate(header.allocator, BlockCount(in.data_blocks)); !status.ok()) {
    return absl::DataLossError(absl::StrCat("superblock: ", status.message()));
  }
  return header;
}

}  // namespace slotwise
