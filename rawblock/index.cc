// SPDX-License-Identifier: Apache-2.0
#include "rawblock/index.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"

namespace slotwise {

Index::Index() : by_key_(0, Hash{this}, Equal{this}) {}

size_t Index::Hash::operator()(std::string_view key) const {
  return absl::HashOf(absl::string_view(key.data(), key.size()));
}

std::optional<EntryId> Index::Find(std::string_view key) const {
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return std::nullopt;
  return *it;
}

EntryId Index::Insert(std::string_view key, const Placement& placement, uint32_t payload_bytes, uint64_t checksum) {
  EntryId id;
  if (free_.empty()) {
    id = static_cast<EntryId>(entries_.size());
    entries_.emplace_back();
  } else {
    id = free_.front();
    free_.pop_front();
  }
  Entry& entry = entries_[id];
  entry.key_bytes = std::make_unique<char[]>(key.size());
  std::copy(key.begin(), key.end(), entry.key_bytes.get());
  entry.key_size = static_cast<uint16_t>(key.size());
  entry.placement = StoredPlacement(placement);
  entry.payload_bytes = payload_bytes;
  entry.checksum = checksum;
  entry.published = true;
  CHECK(by_key_.insert(id).second) << "key is already published";
  return id;
}

void Index::Unpublish(EntryId id) {
  CHECK(entries_[id].published);
  CHECK_EQ(by_key_.erase(id), 1u);
  entries_[id].published = false;
}

void Index::Erase(EntryId id) {
  CHECK(entries_[id].used() && !entries_[id].published);
  entries_[id] = Entry();
  free_.push_back(id);
}

void Index::CheckInvariants() const {
  size_t published = 0;
  size_t used = 0;
  for (EntryId id = 0; id < entries_.size(); ++id) {
    const Entry& entry = entries_[id];
    used += entry.used();
    if (!entry.published) continue;
    ++published;
    CHECK_EQ(Find(entry.key()).value_or(id + 1), id);
  }
  CHECK_EQ(published, by_key_.size());
  CHECK_EQ(used, size());
  for (const EntryId id : free_) CHECK(!entries_[id].used());
}

}  // namespace slotwise
