// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/removals.h"

#include "glog/logging.h"

namespace slotwise {

void Removals::Add(EntryId id, Lsn lsn) {
  CHECK(waiting_.empty() || waiting_.back().lsn <= lsn);
  index_->Unpublish(id);
  awaiting_free_ += index_->entry(id).placement().blocks();
  waiting_.push_back({.lsn = lsn, .entry = id});
}

void Removals::FinishDurable(Lsn durable_end) {
  while (!waiting_.empty() && waiting_.front().lsn < durable_end) {
    const EntryId id = waiting_.front().entry;
    waiting_.pop_front();
    index_->entry(id).removal_durable = true;
    ReleaseIfUnused(id);
  }
}

void Removals::ReleaseIfUnused(EntryId id) {
  const Entry& entry = index_->entry(id);
  if (entry.published || !entry.removal_durable || entry.reads > 0 || entry.pins > 0) return;
  const Placement placement = entry.placement();
  awaiting_free_ -= placement.blocks();
  ++freed_;
  allocator_->Free(placement);
  index_->Erase(id);
}

void Removals::CheckInvariants() const {
  BlockCount removed;
  size_t not_durable = 0;
  for (EntryId id = 0; id < index_->id_limit(); ++id) {
    const Entry& entry = index_->entry(id);
    if (!entry.used() || entry.published) continue;
    removed += entry.placement().blocks();
    if (!entry.removal_durable) ++not_durable;
    CHECK(!entry.removal_durable || entry.reads > 0 || entry.pins > 0) << "entry " << id << " was not freed";
  }
  CHECK_EQ(removed, awaiting_free_);
  CHECK_EQ(not_durable, waiting_.size());
  for (const Removal& removal : waiting_) CHECK(!index_->entry(removal.entry).published);
}

}  // namespace slotwise
