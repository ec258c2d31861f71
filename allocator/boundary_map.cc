// SPDX-License-Identifier: Apache-2.0
#include "allocator/boundary_map.h"

#include <algorithm>

namespace slotwise {
namespace {

constexpr uint32_t kTableMin = 4;

bool IsSparse(uint32_t size, uint32_t capacity) { return capacity > kTableMin && 3 * size < capacity; }

}  // namespace

BoundaryMap::BoundaryMap(BlockCount capacity)
    : district_count_((capacity.value() + kDistrictBlocks - 1) / kDistrictBlocks),
      districts_(static_cast<District*>(std::calloc(district_count_, sizeof(District)))) {
  CHECK(districts_ != nullptr) << "no memory for the districts of " << capacity << " blocks";
}

BoundaryMap::~BoundaryMap() { Clear(); }

void BoundaryMap::Erase(BlockIndex position, Boundary* boundary) {
  District& district = DistrictOf(position);
  if (boundary->count() == Boundary::kLarge) large_counts_.erase(position.value());
  const auto distance = [&](const Boundary* from, const Boundary* to) {
    return to >= from ? to - from : to - from + district.capacity;
  };
  Boundary* hole = boundary;
  for (Boundary* next = Next(district, hole); next->exists(); next = Next(district, next)) {
    const Boundary* home = &district.table[Home(next->place(), district.capacity)];
    if (distance(home, next) < distance(hole, next)) continue;
    *hole = *next;
    hole = next;
  }
  hole->extent_ = 0;
  --size_;
  --district.size;
  if (IsSparse(district.size, district.capacity)) Rebuild(&district);
}

void BoundaryMap::Rebuild(District* district) {
  const District old = *district;
  district->capacity = std::max(kTableMin, 2 * old.size + 1);
  district->table = static_cast<Boundary*>(std::calloc(district->capacity, sizeof(Boundary)));
  CHECK(district->table != nullptr) << "no memory for " << district->capacity << " boundaries";
  for (const Boundary* boundary = old.table; boundary != old.table + old.capacity; ++boundary) {
    if (boundary->exists()) *FindVacancy(*district, boundary->place()) = *boundary;
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

void BoundaryMap::ForEach(absl::FunctionRef<void(BlockIndex, const Boundary&)> visit) const {
  for (uint64_t i = 0; i < district_count_; ++i) {
    const District& district = districts_[i];
    for (const Boundary* boundary = district.table; boundary != district.table + district.capacity; ++boundary) {
      if (boundary->exists()) visit(BlockIndex(i * kDistrictBlocks + boundary->place()), *boundary);
    }
  }
}

void BoundaryMap::CheckInvariants() const {
  uint64_t recount = 0;
  uint64_t large = 0;
  ForEach([&](BlockIndex position, const Boundary& boundary) {
    CHECK_EQ(Find(position), &boundary) << "the boundary at " << position << " is lost";
    ++recount;
    if (boundary.count() != Boundary::kLarge) return;
    CHECK_GE(CountOf(position, boundary), BlockCount(Boundary::kLarge));
    ++large;
  });
  CHECK_EQ(recount, size_);
  CHECK_EQ(large, large_counts_.size());
  for (uint64_t i = 0; i < district_count_; ++i) {
    CHECK(districts_[i].capacity == 0 || districts_[i].size < districts_[i].capacity) << "district " << i << " is full";
  }
}

}  // namespace slotwise
