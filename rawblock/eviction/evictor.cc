// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/evictor.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "slotwise/store_options.h"

namespace slotwise {

absl::Status Watermarks::Validate() const {
  if (low >= 0 && low <= high && high <= 0.25) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the watermarks are ", low, " and ", high,
                                                 "; they must be parts of the capacity, 0 <= low <= high <= 0.25"));
}

std::optional<EntryId> Evictor::Evict(const Arrival& arrival, uint64_t evicted, EntryId id_limit, Gain gain) {
  int misfits = 0;
  const std::optional<EntryId> coldest = policy_->Evict(arrival, [&](EntryId id) {
    const std::optional<uint64_t> size = gain(id);
    return size.has_value() && (evicted + *size <= FittingMax(arrival.size) || ++misfits > kMisfitsMax);
  });
  if (coldest.has_value()) return coldest;
  const std::optional<EntryId> misfit =
      misfits == 0 ? std::nullopt : policy_->Evict(arrival, [&](EntryId id) { return gain(id).has_value(); });
  return misfit.has_value() ? misfit : EvictByNumber(id_limit, gain);
}

std::optional<EntryId> Evictor::EvictAhead(const Arrival& arrival, uint64_t evicted, bool low, EntryId id_limit,
                                           Gain gain) {
  if (low && evicted < kAheadMax * arrival.size) return Evict(arrival, evicted, id_limit, gain);
  const uint64_t fitting_max = FittingMax(arrival.size);
  return evicted < fitting_max ? EvictFitting(arrival, fitting_max - evicted, gain) : std::nullopt;
}

std::optional<EntryId> Evictor::EvictFitting(const Arrival& arrival, uint64_t room, Gain gain) {
  int misfits = 0;
  return policy_->Evict(arrival, [&](EntryId id) {
    if (misfits > kMisfitsMax) return false;
    const std::optional<uint64_t> size = gain(id);
    if (size.has_value() && *size > room) ++misfits;
    return size.has_value() && *size <= room;
  });
}

std::optional<EntryId> Evictor::EvictByNumber(EntryId id_limit, Gain gain) {
  for (EntryId asked = 0; asked < std::min(id_limit, kNumbersMax); ++asked) {
    if (next_number_ >= id_limit) next_number_ = 0;
    const EntryId id = next_number_++;
    if (!gain(id).has_value()) continue;
    policy_->Untrack(id);
    return id;
  }
  return std::nullopt;
}

}  // namespace slotwise
