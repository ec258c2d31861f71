// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_DISK_LAYOUT_H_
#define SLOTWISE_RAWBLOCK_DISK_LAYOUT_H_

#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "allocator/extent.h"

namespace slotwise {

// What decides where the regions of a store lie.
struct LayoutOptions {
  uint64_t device_bytes = 0;
  uint32_t block_bytes = 4096;
  uint64_t max_entries = 0;
  uint32_t max_key_bytes = 0;
};

// The regions of a store: superblock copies | journal ring | two checkpoint
// slots | data. Offsets and lengths in bytes, multiples of block_bytes.
struct Layout {
  uint64_t device_bytes = 0;
  uint32_t block_bytes = 0;
  uint64_t journal_offset = 0;
  uint64_t journal_bytes = 0;
  std::array<uint64_t, 2> checkpoint_offset = {};
  uint64_t checkpoint_bytes = 0;  // of each slot
  uint64_t data_offset = 0;
  uint64_t data_blocks = 0;

  uint64_t ByteOffset(BlockIndex block) const { return data_offset + block.value() * block_bytes; }
  BlockCount BlocksFor(uint64_t bytes) const { return BlockCount((bytes + block_bytes - 1) / block_bytes); }

  friend bool operator==(const Layout&, const Layout&) = default;
};

// The most placements that a store keeps out of use because writes to them fail.
inline constexpr uint64_t kBadPlacementsMax = 1024;

// Sizes the metadata so that it always suffices: a checkpoint slot holds
// max_entries records of the largest size, and the journal is large enough
// that checkpoints are rare beside it. kInvalidArgument, with the smallest
// device that would do, when no data region is left.
absl::StatusOr<Layout> ComputeLayout(const LayoutOptions& options);

// The bytes of the chunks of so many entries, at most.
uint64_t CheckpointChunkBytes(uint64_t max_entries, uint32_t max_key_bytes, uint32_t block_bytes);
// The bytes of one checkpoint slot for these limits: a header, chunks, a header.
uint64_t CheckpointSlotBytes(uint64_t max_entries, uint32_t max_key_bytes, uint32_t block_bytes);

// Whether the regions of a layout read from a device are in order, disjoint,
// aligned and inside device_bytes. kDataLoss says what is not.
absl::Status ValidateLayout(const Layout& layout, uint64_t max_entries, uint32_t max_key_bytes);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_DISK_LAYOUT_H_
