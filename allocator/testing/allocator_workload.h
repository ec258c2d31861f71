// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_WORKLOAD_H_
#define SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_WORKLOAD_H_

#include <optional>
#include <string>
#include <vector>

#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "allocator/testing/payload_sizes.h"

namespace slotwise {

// The payload sizes that an allocator is measured with, and what its operator knows
// of them. Blocks have 4 KiB.
struct AllocatorWorkload {
  std::string name;
  // One after the other; each lasts for the same number of payloads.
  std::vector<PayloadSizes> phases;
  // The size to register as Full with the slab engine; without one all payloads are
  // Partial there.
  std::optional<BlockCount> full_size = std::nullopt;

  BlockCount smallest() const;
  BlockCount largest() const;
  // How `engine` is set up for this workload.
  AllocatorOptions Options(AllocatorOptions::Engine engine, BlockCount capacity) const;
};

// What is measured:
//   log_uniform  16 KiB to 4 MiB
//   bimodal      80 % 512 KiB, 20 % uniform from 4 to 508 KiB
//   odd          292 KiB only
//   aging        eight phases, log-uniform between 16..128 KiB and 4..64 MiB
std::vector<AllocatorWorkload> AllocatorWorkloads();

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_WORKLOAD_H_
