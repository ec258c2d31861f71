// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_OPERATION_H_
#define SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_OPERATION_H_

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <variant>

#include "absl/status/status.h"
#include "allocator/extent.h"
#include "allocator/testing/allocator_model.h"

namespace slotwise {

// The steps of a randomised run, as values: they can be printed, decoded from
// bytes and left out while a failure is minimised.
struct AllocateOperation {
  BlockCount count;
  absl::Status Perform(AllocatorModel& model) const { return model.Allocate(count); }
};
struct FreeOperation {
  size_t age;
  absl::Status Perform(AllocatorModel& model) const { return model.Free(age); }
};
struct MarkOperation {
  Placement placement;
  absl::Status Perform(AllocatorModel& model) const { return model.Mark(placement); }
};
struct EvictAndAllocateOperation {
  BlockCount count;
  absl::Status Perform(AllocatorModel& model) const { return model.EvictAndAllocate(count); }
};
struct RebuildOperation {
  uint64_t seed;
  absl::Status Perform(AllocatorModel& model) const { return model.Rebuild(seed); }
};

using AllocatorOperation =
    std::variant<AllocateOperation, FreeOperation, MarkOperation, EvictAndAllocateOperation, RebuildOperation>;

inline absl::Status Perform(const AllocatorOperation& operation, AllocatorModel& model) {
  return std::visit([&](const auto& o) { return o.Perform(model); }, operation);
}

// For RapidCheck: "Allocate 5", "Free age 3", ...
std::ostream& operator<<(std::ostream& out, const AllocatorOperation& operation);

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_OPERATION_H_
