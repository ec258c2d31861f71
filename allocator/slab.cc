// SPDX-License-Identifier: Apache-2.0
#include "allocator/slab.h"

#include "glog/logging.h"

namespace slotwise {

void Slab::SetBorrowed(uint64_t index) {
  if (borrowed_ == nullptr) borrowed_ = std::make_unique<absl::flat_hash_set<uint64_t>>();
  borrowed_->insert(index);
}

void Slab::CheckInvariants() const {
  free_.CheckInvariants();
  for (uint64_t index = bump_; index < slots(); ++index) CHECK(IsFree(index)) << "slot " << index << " above the bump";
  if (borrowed_ == nullptr) return;
  for (uint64_t index : *borrowed_) CHECK(!IsFree(index)) << "slot " << index << " is free and borrowed";
}

}  // namespace slotwise
