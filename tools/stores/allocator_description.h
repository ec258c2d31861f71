// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_STORES_ALLOCATOR_DESCRIPTION_H_
#define SLOTWISE_TOOLS_STORES_ALLOCATOR_DESCRIPTION_H_

#include <cstdint>
#include <string>

#include "allocator/allocator_options.h"

namespace slotwise {

// The engine and every option of its own, for people:
// "slab (full 144 KiB; partial 4 KiB to 140 KiB, 8 classes; ...)".
// Options that differ are described differently.
std::string DescribeAllocator(const AllocatorOptions& options, uint32_t block_bytes);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_STORES_ALLOCATOR_DESCRIPTION_H_
