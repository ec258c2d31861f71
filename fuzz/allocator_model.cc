// SPDX-License-Identifier: Apache-2.0
#include "fuzz/allocator_model.h"

#include <algorithm>
#include <optional>
#include <random>
#include <sstream>
#include <utility>

namespace slotwise {
namespace {

template <typename... Parts>
absl::Status Broken(const Parts&... parts) {
  std::ostringstream message;
  (message << ... << parts);
  return absl::InternalError(message.str());
}

}  // namespace

AllocatorModel::AllocatorModel(AllocatorSubject subject)
    : subject_(std::move(subject)), allocator_(subject_.create()), taken_(allocator_->capacity().value()) {}

absl::Status AllocatorModel::Allocate(BlockCount count) {
  const std::optional<Placement> placement = allocator_->Allocate(count);
  if (!placement) return Check();
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
    const size_t age = OldestThatHelps(count);
    if (age == live()) break;
    if (absl::Status status = Free(age); !status.ok()) return status;
  }
  if (!subject_.eviction_makes_room || !subject_.create()->Allocate(count)) return Check();
  return Broken("nothing helps to place ", count, " beside ", live(), " live");
}

absl::Status AllocatorModel::Rebuild(uint64_t seed) {
  std::vector<Placement> shuffled = live_;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937_64(seed));
  std::unique_ptr<Allocator> restored = Restore(shuffled);
  const std::unique_ptr<Allocator> by_age = Restore(live_);
  const std::unique_ptr<Allocator> probed = Restore(shuffled);
  if (restored == nullptr || by_age == nullptr || probed == nullptr) {
    return Broken("a live placement cannot be marked again");
  }
  const BlockCount probe(1 + seed % capacity().value());
  if (probed->Allocate(probe).has_value() != by_age->Allocate(probe).has_value()) {
    return Broken("whether ", probe, " fits depends on the order of marking");
  }
  if (restored->free_blocks() != allocator_->free_blocks()) return Broken("marking restored other free space");
  allocator_ = std::move(restored);
  return Check();
}

absl::Status AllocatorModel::FreeAll() {
  while (!live_.empty()) {
    if (absl::Status status = Free(live_.size() - 1); !status.ok()) return status;
  }
  if (allocator_->free_blocks() != capacity()) return Broken("not all is free after freeing all");
  const std::optional<Placement> largest = allocator_->Allocate(allocator_->largest_allocation());
  if (!largest) return Broken("the largest allocation is impossible after freeing all");
  allocator_->Free(*largest);
  return Check();
}

absl::Status AllocatorModel::Check() const {
  allocator_->CheckInvariants();
  const auto taken = static_cast<uint64_t>(std::count(taken_.begin(), taken_.end(), true));
  if (allocator_->free_blocks() + BlockCount(taken) == capacity()) return absl::OkStatus();
  return Broken(allocator_->free_blocks(), " free and ", taken, " taken blocks are not ", capacity());
}

absl::Status AllocatorModel::Add(BlockCount count, const Placement& placement) {
  if (placement.blocks() < count) return Broken(placement, " is too small for ", count);
  if (!subject_.wastes_little(count, placement)) return Broken(placement, " wastes too much for ", count);
  if (!Occupy(placement)) return Broken(placement, " overlaps another, or is empty or out of bounds");
  if (allocator_->Mark(placement)) return Broken("marked ", placement, ", which is live");
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
    if (!restored->Mark(placement)) return nullptr;
  }
  restored->CheckInvariants();
  return restored;
}

}  // namespace slotwise
