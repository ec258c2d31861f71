// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_LOG_INDEX_H_
#define SLOTWISE_RAWBLOCK_LOG_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "allocator/extent.h"
#include "rawblock/disk/layout.h"

namespace slotwise {

// Names an entry for as long as it exists; reused afterwards.
using EntryId = uint32_t;

// What the index knows of one payload.
struct Entry {
  std::unique_ptr<char[]> memory;  // the extents after the first, then the key
  Extent first_extent;
  uint64_t checksum = 0;
  uint32_t payload_bytes = 0;
  uint16_t key_size = 0;
  uint8_t extent_count = 0;
  bool published : 1 = false;  // reachable by its key
  bool removal_durable : 1 = false;
  uint32_t reads = 0;  // transfers under way that need its blocks
  uint32_t pins = 0;   // of callers

  std::string_view key() const { return {memory.get() + (extent_count - 1) * sizeof(Extent), key_size}; }
  Placement placement() const;
  bool used() const { return memory != nullptr; }
};
static_assert(sizeof(Entry) == 40);

// All entries of a store, by key and by id, and the places that hold none because writes to them fail. An entry is
// published by Insert, unreachable after Unpublish, and gone after Erase. One thread. Every operation is O(key).
//
// No operation pauses while something grows: entries are in a deque, and the
// hash table is cut into kShards tables, each of which grows by itself. The
// memory of an entry: 42 bytes, its key rounded up by malloc, and 6 to 11 bytes
// of a hash table that finds ids by the keys they stand for.
class Index {
 public:
  // `salt` is the store's: it seeds the hashes of keys.
  explicit Index(uint64_t salt);
  Index(const Index&) = delete;
  Index& operator=(const Index&) = delete;

  std::optional<EntryId> Find(std::string_view key) const;

  // REQUIRES: `key` is not published; 1 to 65,535 bytes.
  EntryId Insert(std::string_view key, const Placement& placement, uint32_t payload_bytes, uint64_t checksum);
  // As Insert, but replaces a published entry of this key, if there is one.
  // REQUIRES: that entry is neither read nor pinned.
  EntryId InsertOrAssign(std::string_view key, const Placement& placement, uint32_t payload_bytes, uint64_t checksum);
  // REQUIRES: `id` is published.
  void Unpublish(EntryId id);
  // REQUIRES: `id` is unpublished.
  void Erase(EntryId id);
  // Both, for the entry that a removal record names, if there is one: the
  // published one whose key has this hash and whose first extent starts there.
  void EraseAt(uint64_t key_hash, BlockIndex start);

  // Room for `entries` published ones without growing. O(entries).
  void Reserve(uint64_t entries);

  uint64_t HashOf(std::string_view key) const;
  // Prefetches: a key with this hash will be looked for soon.
  void Prefetch(uint64_t hash) const { shards_[ShardOf(hash)].prefetch(ByKey{.hash = hash, .key = {}}); }
  Entry& entry(EntryId id) { return entries_[id]; }
  const Entry& entry(EntryId id) const { return entries_[id]; }

  size_t published() const { return published_; }
  // Published or waiting for Erase.
  size_t size() const { return entries_.size() - free_.size(); }
  // Every id is below this.
  EntryId id_limit() const { return static_cast<EntryId>(entries_.size()); }

  // Nothing is placed there any more. One that is known, or one too many, changes nothing. O(bad placements).
  void AddBad(const Placement& placement);
  // At most kBadPlacementsMax.
  const std::vector<Placement>& bad() const { return bad_; }
  // Forgets them.
  std::vector<Placement> TakeBad() { return std::exchange(bad_, {}); }

  void CheckInvariants() const;

 private:
  static constexpr size_t kShards = 1024;

  struct ByKey {
    uint64_t hash;
    std::string_view key;
  };
  struct ByPlace {
    uint64_t hash;
    BlockIndex start;
  };
  struct Hash {
    using is_transparent = void;
    const Index* index;
    size_t operator()(EntryId id) const { return index->HashOf(index->entry(id).key()); }
    size_t operator()(const ByKey& wanted) const { return wanted.hash; }
    size_t operator()(const ByPlace& wanted) const { return wanted.hash; }
  };
  struct Equal {
    using is_transparent = void;
    const Index* index;
    bool operator()(EntryId a, EntryId b) const { return a == b; }
    bool operator()(EntryId id, const ByKey& wanted) const { return index->entry(id).key() == wanted.key; }
    bool operator()(EntryId id, const ByPlace& wanted) const {
      const Entry& entry = index->entry(id);
      return entry.first_extent.start() == wanted.start && index->HashOf(entry.key()) == wanted.hash;
    }
  };
  using Shard = absl::flat_hash_set<EntryId, Hash, Equal>;

  // The table itself uses the lowest bits of a hash.
  static size_t ShardOf(uint64_t hash) { return hash >> 54; }
  EntryId NewId();

  const uint64_t salt_;
  std::deque<Entry> entries_;
  std::deque<EntryId> free_;
  std::vector<Shard> shards_;
  size_t published_ = 0;
  std::vector<Placement> bad_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_LOG_INDEX_H_
