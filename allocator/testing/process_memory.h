// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_TESTING_PROCESS_MEMORY_H_
#define SLOTWISE_ALLOCATOR_TESTING_PROCESS_MEMORY_H_

#include <cstdint>

namespace slotwise {

// The memory that this process uses, in bytes: what malloc has handed out from its
// heap, with its headers, and the pages of anonymous maps that were touched. Zeroed
// memory that was only reserved does not count, freed memory that malloc keeps neither.
// So the growth between two calls is what was built between them.
//
// From the first call on, whatever has at least 128 KiB gets a map of its own, as in a
// young process.
uint64_t ProcessMemoryBytes();

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_TESTING_PROCESS_MEMORY_H_
