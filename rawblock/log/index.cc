// SPDX-License-Identifier: Apache-2.0
#include "rawblock/log/index.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "glog/logging.h"
#include "rawblock/disk/checksum.h"

namespace slotwise {
namespace {

void Fill(Entry* entry, std::string_view key, const Placement& placement) {
  const std::span<const Extent> more = placement.extents().subspan(1);
  entry->memory = std::make_unique_for_overwrite<char[]>(more.size_bytes() + key.size());
  std::memcpy(entry->memory.get(), more.data(), more.size_bytes());
  std::copy(key.begin(), key.end(), entry->memory.get() + more.size_bytes());
  entry->key_size = static_cast<uint16_t>(key.size());
  entry->extent_count = static_cast<uint8_t>(placement.size());
  entry->first_extent = placement.front();
}

}  // namespace

Placement Entry::placement() const {
  Placement placement(first_extent);
  for (size_t i = 1; i < extent_count; ++i) {
    Extent extent;
    std::memcpy(&extent, memory.get() + (i - 1) * sizeof(extent), sizeof(extent));
    placement.Append(extent);
  }
  return placement;
}

Index::Index(uint64_t salt) : salt_(salt), shards_(kShards, Shard(0, Hash{this}, Equal{this})) {
  static_assert(kShards == uint64_t{1} << (64 - 54));
}

uint64_t Index::HashOf(std::string_view key) const { return KeyHash(salt_, key); }

std::optional<EntryId> Index::Find(std::string_view key) const {
  const uint64_t hash = HashOf(key);
  const Shard& shard = shards_[ShardOf(hash)];
  const auto it = shard.find(ByKey{.hash = hash, .key = key});
  return it == shard.end() ? std::nullopt : std::optional<EntryId>(*it);
}

EntryId Index::NewId() {
  if (free_.empty()) {
    entries_.emplace_back();
    return id_limit() - 1;
  }
  const EntryId id = free_.front();
  free_.pop_front();
  return id;
}

EntryId Index::InsertOrAssign(std::string_view key, const Placement& placement, uint32_t payload_bytes,
                              uint64_t checksum) {
  const uint64_t hash = HashOf(key);
  const auto it = shards_[ShardOf(hash)].lazy_emplace(ByKey{.hash = hash, .key = key}, [this](const auto& construct) {
    ++published_;
    construct(NewId());
  });
  Entry& entry = entries_[*it];
  CHECK(entry.reads == 0 && entry.pins == 0);
  Fill(&entry, key, placement);
  entry.payload_bytes = payload_bytes;
  entry.checksum = checksum;
  entry.published = true;
  return *it;
}

EntryId Index::Insert(std::string_view key, const Placement& placement, uint32_t payload_bytes, uint64_t checksum) {
  const size_t before = published_;
  const EntryId id = InsertOrAssign(key, placement, payload_bytes, checksum);
  CHECK_EQ(published_, before + 1) << "key is already published";
  return id;
}

void Index::Unpublish(EntryId id) {
  CHECK(entries_[id].published);
  const uint64_t hash = HashOf(entries_[id].key());
  Shard& shard = shards_[ShardOf(hash)];
  const auto it = shard.find(ByKey{.hash = hash, .key = entries_[id].key()});
  CHECK(it != shard.end() && *it == id);
  shard.erase(it);
  --published_;
  entries_[id].published = false;
}

void Index::Erase(EntryId id) {
  CHECK(entries_[id].used() && !entries_[id].published);
  entries_[id] = Entry();
  free_.push_back(id);
}

void Index::EraseAt(uint64_t key_hash, BlockIndex start) {
  Shard& shard = shards_[ShardOf(key_hash)];
  const auto it = shard.find(ByPlace{.hash = key_hash, .start = start});
  if (it == shard.end()) return;
  const EntryId id = *it;
  shard.erase(it);
  --published_;
  entries_[id].published = false;
  Erase(id);
}

void Index::Reserve(uint64_t entries) {
  // What a shard has beyond its fair part, with a margin that few exceed.
  const uint64_t fair = entries / kShards;
  for (Shard& shard : shards_) shard.reserve(fair + fair / 16);
}

void Index::AddBad(const Placement& placement) {
  if (bad_.size() == kBadPlacementsMax || std::ranges::find(bad_, placement) != bad_.end()) return;
  bad_.push_back(placement);
}

void Index::CheckInvariants() const {
  CHECK_LE(bad_.size(), kBadPlacementsMax);
  size_t published = 0;
  size_t used = 0;
  for (EntryId id = 0; id < entries_.size(); ++id) {
    const Entry& entry = entries_[id];
    used += entry.used();
    if (!entry.published) continue;
    ++published;
    CHECK_EQ(Find(entry.key()).value_or(id + 1), id);
  }
  size_t findable = 0;
  for (const Shard& shard : shards_) findable += shard.size();
  CHECK_EQ(published, findable);
  CHECK_EQ(published, published_);
  CHECK_EQ(used, size());
  for (const EntryId id : free_) CHECK(!entries_[id].used());
}

}  // namespace slotwise
