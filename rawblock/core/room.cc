// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/room.h"

#include <algorithm>

#include "absl/status/status.h"
#include "glog/logging.h"

namespace slotwise {
namespace {

// A round evicts a quarter of what a put wants at first, and at most twice as much.
constexpr int kRoundDoublingsMax = 3;

}  // namespace

bool Room::MakeRoom(RoomRequest* request, const RoomOutlook& outlook) {
  if (policy_ == nullptr) return outlook.removals_under_way;
  // Others have evicted enough already: evicting more would only cost entries. Once, since they may take it themselves.
  if (outlook.removals_under_way && !request->waited_for_others && space_->FreeSoon() >= request->wanted) {
    request->waited_for_others = true;
    return true;
  }
  const uint64_t evicted_before = request->evicted;
  EvictRound(request, outlook.any() ? 1 : Evictor::SearchesOf(space_->id_limit()));
  if (request->evicted > evicted_before) {
    ++request->rounds;
    return true;
  }
  return outlook.any() && ++request->fruitless_rounds < kFruitlessRoundsMax;
}

uint64_t Room::RoundTarget(const RoomRequest& request) const {
  if (space_->FreesAtOnce()) return 1;
  const uint64_t missing = request.wanted - std::min(request.wanted, space_->FreeSoon());
  return std::max({missing, uint64_t{1}, (request.wanted << std::min(request.rounds, kRoundDoublingsMax)) / 4});
}

void Room::EvictRound(RoomRequest* request, int searches) {
  const uint64_t enough = request->evicted + RoundTarget(*request);
  while (request->evictions < kEvictionsMax && request->evicted < enough && EvictOne(request, searches)) {
    ++request->evictions;
  }
}

bool Room::EvictOne(RoomRequest* request, int searches) {
  const auto gain = [&](EntryId id) { return space_->GainOf(id, request->wanted); };
  for (int search = 0; search < searches; ++search) {
    const std::optional<EntryId> victim = evictor_.Evict(request->arrival, request->evicted, space_->id_limit(), gain);
    if (!victim.has_value()) continue;
    request->evicted += space_->Evict(*victim);
    return true;
  }
  return false;
}

void Room::EvictAhead(RoomRequest* request) {
  request->evicted = 0;
  if (policy_ == nullptr) return;
  const auto gain = [&](EntryId id) { return space_->GainOf(id, request->wanted); };
  while (FreeIsBelow(watermarks_.high) && !space_->Paused()) {
    const std::optional<EntryId> victim =
        evictor_.EvictAhead(request->arrival, request->evicted, FreeIsBelow(watermarks_.low), space_->id_limit(), gain);
    if (!victim.has_value()) return;
    request->evicted += space_->Evict(*victim);
  }
}

void Room::CheckInvariants() const {
  CHECK_EQ(watermarks_.Validate(), absl::OkStatus());
  uint64_t evictable = 0;
  for (EntryId id = 0; id < space_->id_limit(); ++id) evictable += space_->GainOf(id, 1).value_or(0);
  CHECK_LE(space_->FreeSoon() + evictable, space_->capacity());
}

bool Room::FreeIsBelow(double watermark) const {
  return static_cast<double>(space_->FreeSoon()) < watermark * static_cast<double>(space_->capacity());
}

}  // namespace slotwise
