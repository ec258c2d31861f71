// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_INDEX_H_
#define SLOTWISE_RAWBLOCK_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "allocator/extent.h"

namespace slotwise {

// Names an entry for as long as it exists; reused afterwards.
using EntryId = uint32_t;

// A placement as the index keeps it: one extent in place, more on the heap.
class StoredPlacement {
 public:
  StoredPlacement() = default;
  explicit StoredPlacement(const Placement& placement)
      : first_(placement.front()), all_(placement.size() > 1 ? std::make_unique<Placement>(placement) : nullptr) {}

  Placement Get() const { return all_ == nullptr ? Placement(first_) : *all_; }

 private:
  Extent first_;
  std::unique_ptr<Placement> all_;
};

// What the index knows of one payload.
struct Entry {
  std::unique_ptr<char[]> key_bytes;
  StoredPlacement placement;
  uint64_t checksum = 0;
  uint32_t payload_bytes = 0;
  uint16_t key_size = 0;
  bool published = false;  // reachable by its key
  bool removal_durable = false;
  uint32_t reads = 0;  // transfers under way that need its blocks
  uint32_t pins = 0;   // of callers

  std::string_view key() const { return {key_bytes.get(), key_size}; }
  bool used() const { return key_bytes != nullptr; }
};

// All entries of a store, by key and by id. An entry is published by Insert,
// unreachable after Unpublish, and gone after Erase. One thread. Every
// operation is O(1), growth of the hash table aside.
class Index {
 public:
  Index();
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  std::optional<EntryId> Find(std::string_view key) const;

  // REQUIRES: `key` is not published; 1 to 65,535 bytes.
  EntryId Insert(std::string_view key, const Placement& placement, uint32_t payload_bytes, uint64_t checksum);
  // REQUIRES: `id` is published.
  void Unpublish(EntryId id);
  // REQUIRES: `id` is unpublished.
  void Erase(EntryId id);

  Entry& entry(EntryId id) { return entries_[id]; }
  const Entry& entry(EntryId id) const { return entries_[id]; }

  size_t published() const { return by_key_.size(); }
  // Published or waiting for Erase.
  size_t size() const { return entries_.size() - free_.size(); }
  // Every id is below this.
  EntryId id_limit() const { return static_cast<EntryId>(entries_.size()); }

  void CheckInvariants() const;

 private:
  // Finds ids by the keys they stand for, so that no key is stored twice.
  struct Hash {
    using is_transparent = void;
    const Index* index;
    size_t operator()(EntryId id) const { return (*this)(index->entry(id).key()); }
    size_t operator()(std::string_view key) const;
  };
  struct Equal {
    using is_transparent = void;
    const Index* index;
    bool operator()(EntryId a, EntryId b) const { return a == b; }
    bool operator()(EntryId a, std::string_view key) const { return index->entry(a).key() == key; }
    bool operator()(std::string_view key, EntryId a) const { return index->entry(a).key() == key; }
  };

  std::deque<Entry> entries_;  // a deque grows without moving, so without a pause
  std::deque<EntryId> free_;
  absl::flat_hash_set<EntryId, Hash, Equal> by_key_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_INDEX_H_
