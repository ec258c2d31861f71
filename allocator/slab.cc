// SPDX-License-Identifier: Apache-2.0
#include "allocator/slab.h"

#include <algorithm>

#include "glog/logging.h"

namespace slotwise {

uint64_t Slab::NextFree() const {
  CHECK(!full());
  return bump_ < slots() ? bump_ : *free_.FindFirst();
}

void Slab::Take(uint64_t index) {
  free_.Clear(index);
  bump_ = std::max(bump_, index + 1);
}

void Slab::Free(uint64_t index) {
  free_.Set(index);
  borrowed_.erase(index);
}

void Slab::CheckInvariants() const {
  free_.CheckInvariants();
  for (uint64_t index = bump_; index < slots(); ++index) CHECK(IsFree(index)) << "slot " << index << " above the bump";
  for (uint64_t index : borrowed_) CHECK(!IsFree(index)) << "slot " << index << " is free and borrowed";
}

}  // namespace slotwise
