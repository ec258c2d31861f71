// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_REMOVALS_H_
#define SLOTWISE_RAWBLOCK_CORE_REMOVALS_H_

#include <cstdint>
#include <deque>

#include "allocator/allocator.h"
#include "allocator/extent.h"
#include "rawblock/disk/lsn.h"
#include "rawblock/log/index.h"

namespace slotwise {

// Entries that are gone, until their blocks may be used again.
//
// Invariant: the blocks of a removed entry return to the allocator only when its removal is durable, no transfer reads
// them and no caller pins them. So no durable record ever names blocks that hold somebody else's payload, and no
// reader sees them change.
//
// An entry waits for these in any order; whichever comes last frees it. One thread. Index and allocator are borrowed.
class Removals {
 public:
  Removals(Index* index, Allocator* allocator) : index_(index), allocator_(allocator) {}

  // Unpublishes `id`, whose removal is the record at `lsn`. O(1).
  // REQUIRES: `id` is published; LSNs do not fall.
  void Add(EntryId id, Lsn lsn);

  // Records below `durable_end` are durable. O(removals that became so).
  void FinishDurable(Lsn durable_end);

  // A read or a pin of `id` has ended: frees its blocks if they waited for that only. O(1).
  void ReleaseIfUnused(EntryId id);

  // Whether every removal is durable.
  bool empty() const { return waiting_.empty(); }
  // What is removed, and not free yet.
  BlockCount awaiting_free() const { return awaiting_free_; }
  // How many entries have been freed so far.
  uint64_t freed() const { return freed_; }

  // Recounts by walking the index. O(entries).
  void CheckInvariants() const;

 private:
  struct Removal {
    Lsn lsn;
    EntryId entry;
  };

  Index* const index_;
  Allocator* const allocator_;
  std::deque<Removal> waiting_;  // by LSN
  BlockCount awaiting_free_;
  uint64_t freed_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_REMOVALS_H_
