// SPDX-License-Identifier: Apache-2.0
#include "allocator/testing/allocator_model.h"

#include <algorithm>
#include <optional>
#include <random>
#include <sstream>
#include <utility>

#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr int kProbesMax = 24;

template <typename... Parts>
absl::Status Broken(const Parts&... parts) {
  std::ostringstream message;
  (message << ... << parts);
  return absl::InternalError(message.str());
}

// Removes one of `placements` and returns it.
// REQUIRES: `placements` is not empty.
Placement TakeAny(std::vector<Placement>& placements, std::mt19937_64& random) {
  const auto taken = placements.begin() + static_cast<std::ptrdiff_t>(random() % placements.size());
  const Placement placement = *taken;
  placements.erase(taken);
  return placement;
}

}  // namespace

AllocatorModel::AllocatorModel(AllocatorSubject subject)
    : subject_(std::move(subject)), allocator_(subject_.create()), taken_(allocator_->capacity().value()) {}

AllocatorModel::AllocatorModel(AllocatorSubject subject, std::unique_ptr<Allocator> allocator,
                               std::vector<Placement> live)
    : subject_(std::move(subject)),
      allocator_(std::move(allocator)),
      taken_(allocator_->capacity().value()),
      live_(std::move(live)) {
  for (const Placement& placement : live_) CHECK(Occupy(placement)) << placement << " is not alone";
}

absl::Status AllocatorModel::Allocate(BlockCount count) {
  const std::optional<Placement> placement = allocator_->Allocate(count);
  if (!placement) return CheckRefusal(count);
  if (count > allocator_->largest_allocation()) return Broken("allocated ", count, ", more than the largest");
  return Add(count, *placement);
}

absl::Status AllocatorModel::Free(size_t age) {
  if (live_.empty()) return Check();
  const auto victim = live_.begin() + static_cast<std::ptrdiff_t>(age % live_.size());
  allocator_->Free(*victim);
  Vacate(*victim);
  live_.erase(victim);
  return Check();
}

absl::Status AllocatorModel::Mark(const Placement& placement) {
  if (!allocator_->Mark(placement)) return Check();
  if (placement.empty()) return Broken("marked an empty placement");
  return Add(placement.blocks(), placement);
}

absl::Status AllocatorModel::EvictAndAllocate(BlockCount count) {
  for (;;) {
    if (const std::optional<Placement> placement = allocator_->Allocate(count)) return Add(count, *placement);
    if (absl::Status status = CheckRefusal(count); !status.ok()) return status;
    const size_t age = OldestThatHelps(count);
    if (age == live_.size()) break;
    if (absl::Status status = Free(age); !status.ok()) return status;
  }
  if (!subject_.eviction_makes_room || !subject_.create()->Allocate(count)) return Check();
  return Broken("nothing helps to place ", count, " beside ", live_.size(), " live");
}

absl::Status AllocatorModel::Rebuild(uint64_t seed) {
  std::vector<Placement> shuffled = live_;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937_64(seed));
  const std::unique_ptr<Allocator> by_age = Restore(live_);
  const std::unique_ptr<Allocator> marked = Restore(shuffled);
  if (by_age == nullptr || marked == nullptr) return Broken("marking the live placements fails, or works twice");
  if (absl::Status status = Compare(*by_age, *marked, subject_.marked, seed); !status.ok()) return status;
  const std::unique_ptr<Allocator> aged = std::exchange(allocator_, Restore(shuffled));
  if (absl::Status status = Check(); !status.ok()) return status;
  const std::unique_ptr<Allocator> restored = Restore(shuffled);
  return Compare(*aged, *restored, subject_.aged, seed);
}

absl::Status AllocatorModel::FreeAll(uint64_t seed) {
  for (std::mt19937_64 random(seed); !live_.empty();) {
    if (absl::Status status = Free(random() % live_.size()); !status.ok()) return status;
  }
  const std::unique_ptr<Allocator> emptied = std::exchange(allocator_, subject_.create());
  if (emptied->free_blocks() != capacity()) return Broken("not all is free after freeing all");
  const std::optional<Placement> largest = emptied->Allocate(emptied->largest_allocation());
  if (!largest) return Broken("the largest allocation is impossible after freeing all");
  emptied->Free(*largest);
  const std::unique_ptr<Allocator> pristine = subject_.create();
  return Compare(*emptied, *pristine, subject_.emptied, seed);
}

absl::Status AllocatorModel::Check() const {
  allocator_->CheckInvariants();
  const auto taken = static_cast<uint64_t>(std::count(taken_.begin(), taken_.end(), true));
  if (allocator_->free_blocks() + BlockCount(taken) == capacity()) return absl::OkStatus();
  return Broken(allocator_->free_blocks(), " free and ", taken, " taken blocks are not ", capacity());
}

absl::Status AllocatorModel::CheckRefusal(BlockCount count) const {
  const std::vector<Extent> free_runs = FreeRuns();
  if (subject_.may_refuse(count, free_runs)) return Check();
  std::ostringstream list;
  for (const Extent& run : free_runs) list << run;
  return Broken("refused ", count, " though these are free: ", list.str());
}

absl::Status AllocatorModel::Compare(Allocator& one, Allocator& other, Likeness likeness, uint64_t seed) const {
  if (one.free_blocks() != other.free_blocks()) return Broken("the history shows in how much is free");
  std::mt19937_64 random(seed);
  std::vector<Placement> live = live_;
  for (int probe = 0; probe < kProbesMax && likeness != Likeness::kFreeBlocks; ++probe) {
    if (probe > 0 && !live.empty() && random() % 3 == 0) {
      const Placement freed = TakeAny(live, random);
      one.Free(freed);
      other.Free(freed);
      continue;
    }
    const BlockCount count(1 + random() % one.largest_allocation().value());
    const std::optional<Placement> placement = one.Allocate(count);
    const std::optional<Placement> same = other.Allocate(count);
    if (placement.has_value() != same.has_value()) return Broken("the history shows in whether ", count, " fits");
    if (likeness == Likeness::kRoom) break;
    if (placement != same) return Broken("the history shows in where ", count, " goes: ", *placement, " or ", *same);
    if (placement) live.push_back(*placement);
    if (!placement && likeness == Likeness::kUntilRefusal) break;
  }
  return absl::OkStatus();
}

std::vector<Extent> AllocatorModel::FreeRuns() const {
  std::vector<Extent> runs;
  for (uint64_t block = 0; block < taken_.size(); ++block) {
    if (taken_[block]) continue;
    const uint64_t start = block;
    while (block < taken_.size() && !taken_[block]) ++block;
    runs.emplace_back(BlockIndex(start), BlockCount(block - start));
  }
  return runs;
}

absl::Status AllocatorModel::Add(BlockCount count, const Placement& placement) {
  if (placement.blocks() < count) return Broken(placement, " is too small for ", count);
  if (!subject_.wastes_little(count, placement)) return Broken(placement, " wastes too much for ", count);
  if (!Occupy(placement)) return Broken(placement, " overlaps another, or is empty or out of bounds");
  live_.push_back(placement);
  return Check();
}

bool AllocatorModel::Occupy(const Placement& placement) {
  for (const Extent& extent : placement) {
    if (extent.count() == BlockCount(0) || extent.end() > BlockIndex() + capacity()) return false;
    for (uint64_t block = extent.start().value(); block < extent.end().value(); ++block) {
      if (taken_[block]) return false;
      taken_[block] = true;
    }
  }
  return true;
}

void AllocatorModel::Vacate(const Placement& placement) {
  for (const Extent& extent : placement) {
    for (uint64_t block = extent.start().value(); block < extent.end().value(); ++block) taken_[block] = false;
  }
}

size_t AllocatorModel::OldestThatHelps(BlockCount count) const {
  const auto found =
      std::find_if(live_.begin(), live_.end(), [&](const Placement& p) { return allocator_->Helps(p, count); });
  return static_cast<size_t>(found - live_.begin());
}

std::unique_ptr<Allocator> AllocatorModel::Restore(const std::vector<Placement>& placements) const {
  std::unique_ptr<Allocator> restored = subject_.create();
  for (const Placement& placement : placements) {
    if (!restored->Mark(placement) || restored->Mark(placement)) return nullptr;
  }
  restored->CheckInvariants();
  return restored;
}

}  // namespace slotwise
