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
  if (space_->Paused()) return true;
  // Others have evicted enough already: evicting more would only cost entries. Once, since they may take it themselves.
  if (outlook.removals_under_way && !request->waited_for_others && Missing(*request, RoomClaims()) == 0 &&
      space_->EntriesFreeSoon() > 0) {
    request->waited_for_others = true;
    return true;
  }
  const int evictions_before = request->evictions;
  EvictRound(request, outlook.any() ? 1 : Evictor::SearchesOf(space_->id_limit()));
  if (request->evictions > evictions_before) {
    ++request->rounds;
    return true;
  }
  return outlook.any() && ++request->fruitless_rounds < kFruitlessRoundsMax;
}

bool Room::PrepareRoom(RoomRequest* request, const RoomClaims& claims) {
  if (policy_ == nullptr) return true;
  if (space_->EntriesFreeSoon() <= claims.entries && !space_->Paused()) EvictOne(request, RoomSpace::kAnEntry, 1);
  EvictAtLeast(request, Missing(*request, claims), 1);
  return Missing(*request, claims) == 0 && space_->EntriesFreeSoon() > claims.entries;
}

uint64_t Room::Missing(const RoomRequest& request, const RoomClaims& claims) const {
  const uint64_t wanted = claims.size + request.wanted;
  return wanted - std::min(wanted, space_->FreeSoon());
}

uint64_t Room::RoundTarget(const RoomRequest& request) const {
  if (space_->FreesAtOnce()) return 1;
  return std::max({Missing(request, RoomClaims()), uint64_t{1},
                   (request.wanted << std::min(request.rounds, kRoundDoublingsMax)) / 4});
}

void Room::EvictRound(RoomRequest* request, int searches) {
  if (!space_->EntriesUsedUp()) return EvictAtLeast(request, RoundTarget(*request), searches);
  EvictOne(request, RoomSpace::kAnEntry, searches);
  EvictAtLeast(request, Missing(*request, RoomClaims()), searches);
}

void Room::EvictAtLeast(RoomRequest* request, uint64_t size, int searches) {
  const uint64_t enough = request->evicted + size;
  while (request->evicted < enough && !space_->Paused() && EvictOne(request, request->wanted, searches)) {
  }
}

bool Room::EvictOne(RoomRequest* request, uint64_t wanted, int searches) {
  if (request->evictions >= kEvictionsMax) return false;
  const auto gain = [&](EntryId id) { return space_->GainOf(id, wanted); };
  for (int search = 0; search < searches; ++search) {
    const std::optional<EntryId> victim = evictor_.Evict(request->arrival, request->evicted, space_->id_limit(), gain);
    if (!victim.has_value()) continue;
    request->evicted += space_->Evict(*victim);
    ++request->evictions;
    return true;
  }
  return false;
}

void Room::EvictAhead(RoomRequest* request) {
  request->evicted = 0;
  if (policy_ == nullptr) return;
  EvictEntriesAhead(request);
  const auto gain = [&](EntryId id) { return space_->GainOf(id, request->wanted); };
  while (FreeIsBelow(watermarks_.high) && !space_->Paused()) {
    const std::optional<EntryId> victim =
        evictor_.EvictAhead(request->arrival, request->evicted, FreeIsBelow(watermarks_.low), space_->id_limit(), gain);
    if (!victim.has_value()) return;
    request->evicted += space_->Evict(*victim);
  }
}

void Room::EvictEntriesAhead(RoomRequest* request) {
  const auto gain = [&](EntryId id) { return space_->GainOf(id, RoomSpace::kAnEntry); };
  for (int i = 0; i < kEntriesAheadMax && EntriesAreBelow(watermarks_.high) && !space_->Paused(); ++i) {
    const std::optional<EntryId> victim = evictor_.Evict(request->arrival, 0, space_->id_limit(), gain);
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

bool Room::EntriesAreBelow(double watermark) const {
  return static_cast<double>(space_->EntriesFreeSoon()) < watermark * static_cast<double>(space_->entries_max());
}

}  // namespace slotwise
