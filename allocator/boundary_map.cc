// SPDX-License-Identifier: Apache-2.0
#include "allocator/boundary_map.h"

#include "glog/logging.h"

namespace slotwise {

BoundaryMap::BoundaryMap(BlockCount capacity)
    : district_count_((capacity.value() + kDistrictBlocks - 1) / kDistrictBlocks),
      districts_(static_cast<District*>(std::calloc(district_count_, sizeof(District)))),
      end_(std::make_unique<BoundaryBucket>()) {
  CHECK(districts_ != nullptr) << "no memory for the districts of " << capacity << " blocks";
  end().Set(kLarge, kNoRun);
}

BoundaryMap::~BoundaryMap() { Clear(); }

size_t BoundaryMap::FindPasser(const District& district, const BoundaryBucket* passed, const BoundaryBucket* bucket) {
  for (size_t slot = 0; slot < BoundaryBucket::kSlots; ++slot) {
    const uint16_t key = bucket->keys[slot];
    if (key == BoundaryBucket::kVacant) continue;
    if (Distance(district, HomeOf(district, key), bucket) >= Distance(district, passed, bucket)) return slot;
  }
  return BoundaryBucket::kSlots;
}

void BoundaryMap::PullBack(const District& district, Boundary hole) {
  bool may_go_on = true;
  for (BoundaryBucket* next = Next(district, hole.bucket_); may_go_on; next = Next(district, next)) {
    may_go_on = next->full();
    const size_t slot = FindPasser(district, hole.bucket_, next);
    if (slot == BoundaryBucket::kSlots) continue;
    hole.bucket_->keys[hole.slot_] = next->keys[slot];
    hole.Set(next->counts[slot], next->runs[slot]);
    hole = Boundary(next, slot);
    next->keys[slot] = BoundaryBucket::kVacant;
  }
}

BlockCount BoundaryMap::LargeCount(BlockIndex position) const { return large_counts_.at(position.value()); }

void BoundaryMap::SetLargeCount(BlockIndex position, BlockCount count) { large_counts_[position.value()] = count; }

void BoundaryMap::EraseLargeCount(BlockIndex position) { large_counts_.erase(position.value()); }

void BoundaryMap::Rebuild(District* district) {
  const District old = *district;
  district->buckets = BucketsFor(old.size);
  const size_t bytes = district->buckets * sizeof(BoundaryBucket);
  district->table = static_cast<BoundaryBucket*>(std::aligned_alloc(alignof(BoundaryBucket), bytes));
  CHECK(district->table != nullptr) << "no memory for " << district->buckets << " buckets";
  std::memset(static_cast<void*>(district->table), 0, bytes);
  for (const BoundaryBucket* bucket = old.table; bucket != old.table + old.buckets; ++bucket) {
    for (size_t slot = 0; slot < BoundaryBucket::kSlots; ++slot) {
      if (bucket->keys[slot] == BoundaryBucket::kVacant) continue;
      TakeVacancy(*district, bucket->keys[slot]).Set(bucket->counts[slot], bucket->runs[slot]);
    }
  }
  std::free(old.table);
}

void BoundaryMap::Clear() {
  for (uint64_t i = 0; i < district_count_; ++i) {
    if (districts_[i].table == nullptr) continue;
    std::free(districts_[i].table);
    districts_[i] = {};
  }
  large_counts_.clear();
  size_ = 0;
}

void BoundaryMap::ForEach(absl::FunctionRef<void(BlockIndex, Boundary)> visit) const {
  for (uint64_t i = 0; i < district_count_; ++i) {
    for (uint64_t at = 0; at < SlotsOf(districts_[i]); ++at) {
      const Boundary boundary(districts_[i].table + at / BoundaryBucket::kSlots, at % BoundaryBucket::kSlots);
      const uint16_t key = boundary.bucket_->keys[boundary.slot_];
      if (key != BoundaryBucket::kVacant) visit(BlockIndex(i * kDistrictBlocks + (key & ~kExists)), boundary);
    }
  }
}

void BoundaryMap::CheckInvariants() const {
  uint64_t recount = 0;
  uint64_t large = 0;
  ForEach([&](BlockIndex position, Boundary boundary) {
    CHECK(Find(position) == boundary) << "the boundary at " << position << " is lost";
    ++recount;
    if (boundary.count() != kLarge) return;
    CHECK_GE(CountOf(position, boundary), BlockCount(kLarge));
    ++large;
  });
  CHECK_EQ(recount, size_);
  CHECK_EQ(large, large_counts_.size());
  for (uint64_t i = 0; i < district_count_; ++i) {
    const District& district = districts_[i];
    CHECK(district.buckets == 0 || district.size < SlotsOf(district)) << "district " << i << " is full";
  }
}

}  // namespace slotwise
