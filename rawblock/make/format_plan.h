// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_MAKE_FORMAT_PLAN_H_
#define SLOTWISE_RAWBLOCK_MAKE_FORMAT_PLAN_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "allocator/allocator_options.h"
#include "rawblock/disk/layout.h"
#include "rawblock/make/format_store.h"

namespace slotwise {

// How large the payloads of a store will be, in bytes: per object group, a full
// chunk at its largest and on average. The two differ when chunks are compressed.
struct ChunkSizes {
  std::vector<uint64_t> largest;
  std::vector<uint64_t> mean;
};

// The device that a store is planned for.
struct DeviceSpace {
  uint64_t bytes = 0;
  uint32_t alignment = 0;       // bytes
  uint64_t capacity_bytes = 0;  // of it to use; 0: all
};

// The options of `engine` that suit `sizes` in a store laid out as `layout`: one
// fixed slot, or one Full slot per group, of the largest size. Where sizes vary
// few chunks are Full, so nothing is reserved for those that are.
// REQUIRES: every size is positive and below 4 GiB.
AllocatorOptions SuitableAllocator(AllocatorOptions::Engine engine, const ChunkSizes& sizes, const Layout& layout);

// The header of a store of `engine` that suits `sizes`: EntriesFor payloads of the
// mean size, the SuitableAllocator, and the regions, ready for FormatStore. Keys may
// have up to `max_key_bytes`. Identity and time of creation are left to the caller.
//
// InvalidArgument: the capacity is larger than the device or too small for
// these payloads, or a payload is too large for any store.
absl::StatusOr<StoreHeader> PlanFormat(AllocatorOptions::Engine engine, const ChunkSizes& sizes,
                                       const DeviceSpace& space, uint32_t max_key_bytes = kKeyBytesTypical);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_MAKE_FORMAT_PLAN_H_
