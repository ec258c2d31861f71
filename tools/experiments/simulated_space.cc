// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/simulated_space.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "allocator/allocator.h"
#include "allocator/extent.h"
#include "allocator/slab_allocator.h"
#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr uint64_t kBlockBytes = 4096;

class IdealSpace final : public SimulatedSpace {
 public:
  IdealSpace(uint64_t capacity, uint32_t objects) : capacity_(capacity), free_(capacity), bytes_(objects) {}

  bool Allocate(uint32_t object, uint64_t bytes) override {
    CHECK_EQ(bytes_[object], 0u);
    if (bytes > free_) return false;
    free_ -= bytes;
    bytes_[object] = bytes;
    return true;
  }
  void Free(uint32_t object) override {
    CHECK_GT(bytes_[object], 0u);
    free_ += std::exchange(bytes_[object], 0);
  }
  std::optional<uint64_t> Gain(uint32_t object, uint64_t /*bytes*/) const override { return bytes_[object]; }
  uint64_t SizeOf(uint64_t bytes) const override { return bytes; }
  uint64_t Occupied(uint32_t object) const override { return bytes_[object]; }
  uint64_t Extents(uint32_t /*object*/) const override { return 1; }
  uint64_t largest_allocation() const override { return capacity_; }
  uint64_t capacity() const override { return capacity_; }
  uint64_t free() const override { return free_; }
  uint64_t LargestFreeRun() const override { return free_; }
  uint64_t Rebinds() const override { return 0; }
  void CheckInvariants() const override {
    uint64_t used = 0;
    for (const uint64_t bytes : bytes_) used += bytes;
    CHECK_EQ(used + free_, capacity_);
  }

 private:
  const uint64_t capacity_;
  uint64_t free_;
  std::vector<uint64_t> bytes_;  // by object; 0: none
};

class AllocatedSpace final : public SimulatedSpace {
 public:
  AllocatedSpace(std::unique_ptr<Allocator> allocator, uint32_t objects)
      : allocator_(std::move(allocator)),
        slab_(dynamic_cast<const SlabAllocator*>(allocator_.get())),
        placements_(objects) {}

  bool Allocate(uint32_t object, uint64_t bytes) override {
    CHECK(placements_[object].empty());
    const std::optional<Placement> placement = allocator_->Allocate(Blocks(bytes));
    if (placement.has_value()) placements_[object] = *placement;
    return placement.has_value();
  }
  void Free(uint32_t object) override { allocator_->Free(std::exchange(placements_[object], Placement())); }
  std::optional<uint64_t> Gain(uint32_t object, uint64_t bytes) const override {
    return allocator_->Helps(placements_[object], Blocks(bytes)) ? std::optional(Occupied(object)) : std::nullopt;
  }
  uint64_t SizeOf(uint64_t bytes) const override {
    return allocator_->FootprintOf(Blocks(bytes)).value() * kBlockBytes;
  }
  uint64_t Occupied(uint32_t object) const override { return placements_[object].blocks().value() * kBlockBytes; }
  uint64_t Extents(uint32_t object) const override { return placements_[object].size(); }
  uint64_t largest_allocation() const override { return allocator_->largest_allocation().value() * kBlockBytes; }
  uint64_t capacity() const override { return allocator_->capacity().value() * kBlockBytes; }
  uint64_t free() const override { return allocator_->free_blocks().value() * kBlockBytes; }
  uint64_t LargestFreeRun() const override;
  uint64_t Rebinds() const override { return slab_ == nullptr ? 0 : slab_->segments_rebound(); }
  void CheckInvariants() const override { allocator_->CheckInvariants(); }

 private:
  static BlockCount Blocks(uint64_t bytes) { return BlockCount((bytes + kBlockBytes - 1) / kBlockBytes); }

  const std::unique_ptr<Allocator> allocator_;
  const SlabAllocator* const slab_;    // allocator_, if it is one
  std::vector<Placement> placements_;  // by object; empty: none
};

uint64_t AllocatedSpace::LargestFreeRun() const {
  std::vector<Extent> used;
  for (const Placement& placement : placements_) used.insert(used.end(), placement.begin(), placement.end());
  std::sort(used.begin(), used.end());
  BlockIndex end;
  BlockCount largest;
  for (const Extent& extent : used) {
    largest = std::max(largest, extent.start() - end);
    end = extent.end();
  }
  return std::max(largest, BlockIndex() + allocator_->capacity() - end).value() * kBlockBytes;
}

}  // namespace

std::unique_ptr<SimulatedSpace> MakeIdealSpace(uint64_t capacity, uint32_t objects) {
  return std::make_unique<IdealSpace>(capacity, objects);
}

absl::StatusOr<std::unique_ptr<SimulatedSpace>> MakeAllocatedSpace(const AllocatorOptions& options, uint64_t capacity,
                                                                   uint32_t objects) {
  absl::StatusOr<std::unique_ptr<Allocator>> allocator = CreateAllocator(options, BlockCount(capacity / kBlockBytes));
  if (!allocator.ok()) return allocator.status();
  return std::make_unique<AllocatedSpace>(*std::move(allocator), objects);
}

}  // namespace slotwise
