// SPDX-License-Identifier: Apache-2.0
#include "rawblock/make/format_plan.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "allocator/allocator.h"
#include "allocator/extent.h"
#include "allocator/slab_options.h"
#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr uint64_t kPayloadBytesMax = std::numeric_limits<uint32_t>::max();

uint64_t Largest(const ChunkSizes& sizes) { return *std::max_element(sizes.largest.begin(), sizes.largest.end()); }

uint64_t EntriesMax(const ChunkSizes& sizes, const DeviceSpace& space) {
  const uint64_t block_bytes = BlockBytes(space.alignment);
  uint64_t group_bytes = 0;
  for (const uint64_t mean : sizes.mean) group_bytes += (mean + block_bytes - 1) / block_bytes * block_bytes;
  const uint64_t capacity = WholeBlocks(space.capacity_bytes, space.alignment);
  return EntriesFor(capacity == 0 ? space.bytes : capacity, group_bytes, sizes.mean.size());
}

absl::Status TooSmall(const ChunkSizes& sizes, const Layout& layout, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat("a capacity of ", layout.device_bytes, " bytes is too small: of it ",
                                                 layout.data_blocks * layout.block_bytes,
                                                 " bytes are left for payloads of up to ", Largest(sizes), " bytes (",
                                                 reason, "); give more, or make the payloads smaller"));
}

}  // namespace

AllocatorOptions SuitableAllocator(AllocatorOptions::Engine engine, const ChunkSizes& sizes, const Layout& layout) {
  AllocatorOptions options;
  options.engine = engine;
  std::vector<BlockCount> full_sizes;
  for (const uint64_t bytes : sizes.largest) full_sizes.push_back(layout.BlocksFor(bytes));
  if (engine == AllocatorOptions::Engine::kFixedSlot) options.fixed_slot = layout.BlocksFor(Largest(sizes));
  if (engine == AllocatorOptions::Engine::kSlab) {
    options.slab = SlabDefaults(BlockCount(layout.data_blocks), full_sizes);
    if (sizes.largest != sizes.mean) options.slab.full_reservation_basis_points = 0;
  }
  return options;
}

absl::StatusOr<StoreHeader> PlanFormat(AllocatorOptions::Engine engine, const ChunkSizes& sizes,
                                       const DeviceSpace& space, uint32_t max_key_bytes) {
  CHECK(!sizes.largest.empty());
  CHECK_EQ(sizes.largest.size(), sizes.mean.size());
  if (Largest(sizes) > kPayloadBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a payload of ", Largest(sizes), " bytes is larger than any store takes, ", kPayloadBytesMax, " bytes"));
  }
  FormatOptions options;
  options.capacity_bytes = space.capacity_bytes;
  options.max_entries = EntriesMax(sizes, space);
  options.max_key_bytes = max_key_bytes;
  const absl::StatusOr<Layout> layout = PlanLayout(options, space.bytes, space.alignment);
  if (!layout.ok()) return layout.status();
  StoreHeader header;
  header.max_entries = options.max_entries;
  header.max_key_bytes = max_key_bytes;
  header.layout = *layout;
  header.allocator = SuitableAllocator(engine, sizes, *layout);
  const BlockCount data_blocks(layout->data_blocks);
  const absl::StatusOr<std::unique_ptr<Allocator>> allocator = CreateAllocator(header.allocator, data_blocks);
  if (!allocator.ok()) return TooSmall(sizes, *layout, allocator.status().message());
  if ((*allocator)->largest_allocation() < layout->BlocksFor(Largest(sizes))) {
    return TooSmall(sizes, *layout, "the engine cannot place one");
  }
  return header;
}

}  // namespace slotwise
