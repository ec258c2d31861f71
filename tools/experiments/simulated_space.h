// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_SIMULATED_SPACE_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_SIMULATED_SPACE_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "allocator/allocator_options.h"

namespace slotwise {

// The space of a store without a device: who lies where, by number. Sizes in bytes.
// One thread.
class SimulatedSpace {
 public:
  virtual ~SimulatedSpace() = default;

  // Room for `bytes` of payload; false if there is none.
  // REQUIRES: `object` has no room yet, bytes > 0.
  virtual bool Allocate(uint32_t object, uint64_t bytes) = 0;
  // REQUIRES: `object` has room; so below.
  virtual void Free(uint32_t object) = 0;
  // What freeing `object` gives; nullopt if it would not bring Allocate(bytes) nearer.
  virtual std::optional<uint64_t> Gain(uint32_t object, uint64_t bytes) const = 0;
  // What a payload of `bytes` takes as a rule.
  // REQUIRES: bytes <= largest_allocation().
  virtual uint64_t SizeOf(uint64_t bytes) const = 0;
  // What `object` takes, and in how many pieces.
  virtual uint64_t Occupied(uint32_t object) const = 0;
  virtual uint64_t Extents(uint32_t object) const = 0;

  // The largest payload that Allocate can ever serve.
  virtual uint64_t largest_allocation() const = 0;
  virtual uint64_t capacity() const = 0;
  virtual uint64_t free() const = 0;
  // Of neighbouring free bytes. O(objects log objects).
  virtual uint64_t LargestFreeRun() const = 0;
  // Segments that changed hands; 0 for engines without any.
  virtual uint64_t Rebinds() const = 0;

  virtual void CheckInvariants() const = 0;
};

// A space in which only the sum of the sizes counts: the bound for every engine.
std::unique_ptr<SimulatedSpace> MakeIdealSpace(uint64_t capacity, uint32_t objects);

// A space kept by an allocator, in blocks of 4 KiB. `capacity` is rounded down to whole
// blocks. Errors as CreateAllocator.
absl::StatusOr<std::unique_ptr<SimulatedSpace>> MakeAllocatedSpace(const AllocatorOptions& options, uint64_t capacity,
                                                                   uint32_t objects);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_SIMULATED_SPACE_H_
