// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/ghost_queue.h"

#include "glog/logging.h"

namespace slotwise {

void GhostQueue::Remember(uint64_t key_hash, uint64_t size) {
  Forget(key_hash);
  if (size > capacity_) return;
  while (size_ > capacity_ - size) ForgetOldest();
  const uint32_t ghost = NewGhost({.key_hash = key_hash, .size = size});
  order_.Append(0, ghost);
  ghosts_by_hash_.emplace(key_hash, ghost);
  size_ += size;
}

bool GhostQueue::Forget(uint64_t key_hash) {
  const auto it = ghosts_by_hash_.find(key_hash);
  if (it == ghosts_by_hash_.end()) return false;
  Erase(it->second);
  return true;
}

void GhostQueue::ForgetOldest() {
  CHECK(!empty());
  Erase(order_.oldest(0));
}

uint32_t GhostQueue::NewGhost(const Ghost& ghost) {
  if (unused_.empty()) {
    ghosts_.push_back(ghost);
    return static_cast<uint32_t>(ghosts_.size() - 1);
  }
  const uint32_t reused = unused_.back();
  unused_.pop_back();
  ghosts_[reused] = ghost;
  return reused;
}

void GhostQueue::Erase(uint32_t ghost) {
  order_.Remove(ghost);
  ghosts_by_hash_.erase(ghosts_[ghost].key_hash);
  size_ -= ghosts_[ghost].size;
  unused_.push_back(ghost);
}

void GhostQueue::CheckInvariants() const {
  order_.CheckInvariants();
  CHECK_EQ(order_.size(), ghosts_by_hash_.size());
  CHECK_EQ(order_.size() + unused_.size(), ghosts_.size());
  CHECK_LE(size_, capacity_);
  uint64_t size = 0;
  for (uint32_t ghost = order_.oldest(0); ghost != EntryLists::kNone; ghost = order_.newer(ghost)) {
    CHECK_EQ(ghosts_by_hash_.at(ghosts_[ghost].key_hash), ghost);
    size += ghosts_[ghost].size;
  }
  CHECK_EQ(size, size_);
}

}  // namespace slotwise
