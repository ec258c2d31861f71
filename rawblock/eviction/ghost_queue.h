// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_GHOST_QUEUE_H_
#define SLOTWISE_RAWBLOCK_EVICTION_GHOST_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "rawblock/eviction/entry_lists.h"

namespace slotwise {

// Remembers the keys of evicted payloads, by their hashes, and their sizes. The oldest are forgotten when the sizes add
// up to more than `capacity`. Everything is O(1) but the check. Memory: 24 bytes for the most ghosts that there ever
// were at once, and 19 to 39 for each in a hash table.
//
// Two keys with one hash count as one: the policy then errs once.
class GhostQueue {
 public:
  explicit GhostQueue(uint64_t capacity) : capacity_(capacity) {}

  bool Contains(uint64_t key_hash) const { return ghosts_by_hash_.contains(key_hash); }
  // As the newest, even if it was there. A payload larger than the capacity is not remembered.
  void Remember(uint64_t key_hash, uint64_t size);
  // Whether it was there.
  bool Forget(uint64_t key_hash);
  // REQUIRES: not empty.
  void ForgetOldest();

  bool empty() const { return ghosts_by_hash_.empty(); }
  // The sizes of all together.
  uint64_t size() const { return size_; }

  void CheckInvariants() const;

 private:
  struct Ghost {
    uint64_t key_hash;
    uint64_t size;
  };

  uint32_t NewGhost(const Ghost& ghost);
  void Erase(uint32_t ghost);

  const uint64_t capacity_;
  uint64_t size_ = 0;
  std::deque<Ghost> ghosts_;
  std::vector<uint32_t> unused_;
  EntryLists order_{1};
  absl::flat_hash_map<uint64_t, uint32_t> ghosts_by_hash_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_EVICTION_GHOST_QUEUE_H_
