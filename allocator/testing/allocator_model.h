// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_MODEL_H_
#define SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "allocator/allocator.h"
#include "allocator/extent.h"

namespace slotwise {

// What two allocators that hold the same live placements answer alike to the same
// requests from then on. Each includes those before it.
enum class Likeness {
  kFreeBlocks,    // no more than how much is free
  kRoom,          // whether the first request fits
  kUntilRefusal,  // every answer up to the first refusal
  kEveryAnswer,
};

// An engine under test, and what it promises beyond the interface.
struct AllocatorSubject {
  // A pristine allocator; the same each time.
  std::function<std::unique_ptr<Allocator>()> create;
  // Whether `placement`, given for `count` blocks, keeps to the waste bound.
  std::function<bool(BlockCount count, const Placement& placement)> wastes_little;
  // Whether `count` blocks may be refused while exactly `free_runs` are free: the
  // maximal runs, ascending.
  std::function<bool(BlockCount count, const std::vector<Extent>& free_runs)> may_refuse;
  // Whether evicting what Helps names makes room for all that fits at all.
  bool eviction_makes_room = true;
  // What an allocator has in common with a fresh one that marked its placements, if
  // it marked them too, in another order; if it came to them in any other way; and
  // if there are none left, after any history.
  Likeness marked = Likeness::kEveryAnswer;
  Likeness aged = Likeness::kEveryAnswer;
  Likeness emptied = Likeness::kEveryAnswer;
};

// A page-bitmap oracle: performs operations on an allocator and on the plainest
// possible model of it, a flag per block and the list of live placements, and
// compares the two and recounts the allocator after each operation. Every
// operation returns OK, or an Internal error that says which promise was broken.
class AllocatorModel {
 public:
  explicit AllocatorModel(AllocatorSubject subject);
  // Goes on with `allocator`, where exactly `live` are live.
  AllocatorModel(AllocatorSubject subject, std::unique_ptr<Allocator> allocator, std::vector<Placement> live);

  BlockCount capacity() const { return allocator_->capacity(); }
  // Oldest first.
  const std::vector<Placement>& live() const { return live_; }

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
  // fresh allocator, and goes on with that. It must be like one that marked them in
  // the order of their age, and like the old one, as far as the subject promises.
  absl::Status Rebuild(uint64_t seed);
  // Frees everything, in an order drawn from `seed`, after which the allocator must
  // be like a pristine one, and goes on with a pristine one.
  absl::Status FreeAll(uint64_t seed);

  // Compares and recounts; every operation ends with it.
  absl::Status Check() const;

 private:
  absl::Status CheckRefusal(BlockCount count) const;
  // Whether two allocators over the live placements are as alike as promised: both
  // get the same requests and frees, drawn from `seed`.
  absl::Status Compare(Allocator& one, Allocator& other, Likeness likeness, uint64_t seed) const;
  // The maximal runs of free blocks, ascending.
  std::vector<Extent> FreeRuns() const;
  absl::Status Add(BlockCount count, const Placement& placement);
  bool Occupy(const Placement& placement);
  void Vacate(const Placement& placement);
  // The age of the oldest live placement that helps; how many there are if none does.
  size_t OldestThatHelps(BlockCount count) const;
  // A fresh allocator with all of `placements` marked; nullptr if it refuses one, or
  // takes one twice.
  std::unique_ptr<Allocator> Restore(const std::vector<Placement>& placements) const;

  AllocatorSubject subject_;
  std::unique_ptr<Allocator> allocator_;
  std::vector<bool> taken_;
  std::vector<Placement> live_;  // oldest first
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_MODEL_H_
