// SPDX-License-Identifier: Apache-2.0
#include "allocator/class_demand.h"

#include "glog/logging.h"

namespace slotwise {

void ClassDemand::CheckInvariants() const { CHECK(Recount() == totals_) << "the totals disagree with the sums"; }

void ClassDemand::Halve() {
  for (uint64_t& sum : sums_) sum /= 2;
  totals_ = Recount();
  blocks_since_halving_ = BlockCount(0);
  requests_since_halving_ = 0;
}

std::array<uint64_t, kPayloadKinds> ClassDemand::Recount() const {
  std::array<uint64_t, kPayloadKinds> totals{};
  for (size_t i = 0; i < sums_.size(); ++i) totals[KindIndex(kinds_[i])] += sums_[i];
  return totals;
}

}  // namespace slotwise
