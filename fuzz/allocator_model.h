// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_FUZZ_ALLOCATOR_MODEL_H_
#define SLOTWISE_FUZZ_ALLOCATOR_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "allocator/allocator.h"
#include "allocator/extent.h"

namespace slotwise {

// An engine under test, and what it promises beyond the interface.
struct AllocatorSubject {
  // A pristine allocator; the same each time.
  std::function<std::unique_ptr<Allocator>()> create;
  // Whether `placement`, given for `count` blocks, keeps to the waste bound.
  std::function<bool(BlockCount count, const Placement& placement)> wastes_little;
  // Whether evicting what Helps names makes room for all that fits at all.
  bool eviction_makes_room = true;
};

// A page-bitmap oracle: performs operations on an allocator and on the plainest
// possible model of it, a flag per block and the list of live placements, and
// compares the two and recounts the allocator after each operation. Every
// operation returns OK, or an Internal error that says which promise was broken.
class AllocatorModel {
 public:
  explicit AllocatorModel(AllocatorSubject subject);

  BlockCount capacity() const { return allocator_->capacity(); }
  size_t live() const { return live_.size(); }

  absl::Status Allocate(BlockCount count);
  // Frees the live placement of that age, modulo how many there are; nothing if
  // there are none.
  absl::Status Free(size_t age);
  // `placement` may hold any values.
  absl::Status Mark(const Placement& placement);
  // What a cache does: evicts the oldest placements that help until `count`
  // blocks fit.
  absl::Status EvictAndAllocate(BlockCount count);
  // A restart: marks the live placements, in an order drawn from `seed`, in a
  // fresh allocator, and goes on with that.
  absl::Status Rebuild(uint64_t seed);
  // Frees everything, after which the allocator must be as good as new.
  absl::Status FreeAll();

 private:
  absl::Status Check() const;
  absl::Status Add(BlockCount count, const Placement& placement);
  bool Occupy(const Placement& placement);
  void Vacate(const Placement& placement);
  // The age of the oldest live placement that helps; live() if none does.
  size_t OldestThatHelps(BlockCount count) const;
  // A fresh allocator with all of `placements` marked; nullptr if it refuses one.
  std::unique_ptr<Allocator> Restore(const std::vector<Placement>& placements) const;

  AllocatorSubject subject_;
  std::unique_ptr<Allocator> allocator_;
  std::vector<bool> taken_;
  std::vector<Placement> live_;  // oldest first
};

}  // namespace slotwise

#endif  // SLOTWISE_FUZZ_ALLOCATOR_MODEL_H_
