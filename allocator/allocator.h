// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_ALLOCATOR_H_
#define SLOTWISE_ALLOCATOR_ALLOCATOR_H_

#include <optional>

#include "allocator/extent.h"

namespace slotwise {

// Decides which blocks of a space each payload occupies. A pure state machine:
// it knows no device, no keys and no payload bytes, reads no clock and no
// random source, and stores no free map, so the live placements alone rebuild
// it (Mark) after a restart.
//
// What every engine promises, and its tests prove:
//   1. The extents of live placements are disjoint and inside [0, capacity()).
//   2. free_blocks() plus the blocks of all live placements is capacity().
//   3. Free gives back exactly what Allocate or Mark took.
//   4. Mark over the live placements, in any order, rebuilds an allocator with
//      the same free space.
//   5. The internal waste of a placement stays below the engine's stated bound.
//
// Not thread-safe: one thread owns an allocator.
class Allocator {
 public:
  virtual ~Allocator() = default;

  // Room for `count` blocks; nullopt when there is none. The placement may be
  // larger than `count`: by how much is the engine's waste bound.
  // REQUIRES: count > 0.
  virtual std::optional<Placement> Allocate(BlockCount count) = 0;

  // REQUIRES: `placement` is exactly one live result of Allocate or Mark.
  virtual void Free(const Placement& placement) = 0;

  // Recovery: takes exactly `placement`; false, and nothing changed, if this
  // engine could not have handed it out or any of it is taken. `placement` may
  // hold any values: it comes from a disk.
  virtual bool Mark(const Placement& placement) = 0;

  // Whether freeing `victim` brings Allocate(count) nearer: the size-aware hint
  // for eviction. Evicting, coldest first, entries for which this is true makes
  // room for `count` in the end, if the engine can hold it at all.
  // REQUIRES: `victim` is live.
  virtual bool Helps(const Placement& victim, BlockCount count) const = 0;

  // How many blocks Allocate(count) takes as a rule: what an eviction should make room
  // for. A payload that borrows a slot of another class may take more or fewer.
  // REQUIRES: 0 < count <= largest_allocation().
  virtual BlockCount FootprintOf(BlockCount count) const = 0;

  // The largest `count` that Allocate can ever satisfy.
  virtual BlockCount largest_allocation() const = 0;

  virtual BlockCount capacity() const = 0;
  virtual BlockCount free_blocks() const = 0;

  // Counts everything again by other means; aborts with a message on the
  // first inconsistency. O(capacity), for tests and `slotwise check`.
  virtual void CheckInvariants() const = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_ALLOCATOR_H_
