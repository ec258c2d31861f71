// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_BOUNDARY_MAP_H_
#define SLOTWISE_ALLOCATOR_BOUNDARY_MAP_H_

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "allocator/extent.h"
#include "allocator/free_runs.h"
#include "glog/logging.h"

namespace slotwise {

// What is known at the first block of an extent, used or free: the extent that
// starts here, and the free run that ends here, if one does. 8 bytes.
class Boundary {
 public:
  // A used extent too large to count here, after nothing free.
  Boundary() = default;

  bool is_free() const { return (extent_ & kFree) != 0; }
  // The free run that starts here. REQUIRES: is_free().
  RunId run() const { return run_; }

  // Of a used extent: the free run that ends here, kNoRun if what lies to the left
  // is used or the edge of the space. REQUIRES: !is_free(); also below.
  RunId left_run() const { return run_ & ~kParked; }
  void SetLeftRun(RunId run) { run_ = (run_ & kParked) | run; }
  // A parked extent is free, but kept whole for the next request of its size.
  bool is_parked() const { return (run_ & kParked) != 0; }
  void SetParked(bool parked) { run_ = (run_ & ~kParked) | (parked ? kParked : 0); }

 private:
  friend class BoundaryMap;
  static constexpr uint32_t kPlace = (uint32_t{1} << 15) - 1;
  static constexpr uint32_t kFree = uint32_t{1} << 15;
  static constexpr int kCountShift = 16;
  static constexpr uint32_t kLarge = UINT16_MAX;
  static constexpr uint32_t kParked = uint32_t{1} << 31;

  bool exists() const { return extent_ != 0; }
  uint32_t place() const { return extent_ & kPlace; }
  uint32_t count() const { return extent_ >> kCountShift; }
  // Whether a search for `place` ends here: it is this one, or there is none.
  bool Ends(uint32_t place) const { return ((extent_ ^ place) & kPlace) == 0 || extent_ == 0; }
  void SetUsed(uint32_t place, BlockCount count) {
    extent_ = place | static_cast<uint32_t>(std::min<uint64_t>(count.value(), kLarge)) << kCountShift;
    run_ = kNoRun;
  }
  void SetFree(uint32_t place, RunId run) {
    extent_ = place | kFree;
    run_ = run;
  }

  // The place in the district, kFree, and the blocks of a used extent up to kLarge;
  // 0: no boundary.
  uint32_t extent_ = kLarge << kCountShift;
  uint32_t run_ = kNoRun;
};

// The boundaries of a space by position: open hash tables with linear probing and
// backward shifting (Knuth, The Art of Computer Programming, volume 3, section
// 6.4, algorithms L and R), one for each district of 2^15 blocks. Tables grow and
// shrink by a third, so memory follows use: 8 bytes over a load of 0.5 to 0.65.
// Growing moves one district's boundaries, never all.
//
// Find, Insert and Erase take O(1) expected. The worst, a growing table in a
// district of nothing but one-block extents, moves 2^15 boundaries.
//
// A position lies inside the capacity. A pointer to a boundary is good until the
// next Insert or Erase.
class BoundaryMap {
 public:
  // REQUIRES: 0 < capacity <= kMaxSpace.
  explicit BoundaryMap(BlockCount capacity);
  ~BoundaryMap();
  BoundaryMap(const BoundaryMap&) = delete;
  BoundaryMap& operator=(const BoundaryMap&) = delete;

  uint64_t size() const { return size_; }

  // nullptr if there is none.
  Boundary* Find(BlockIndex position) {
    const District& district = DistrictOf(position);
    if (district.capacity == 0) return nullptr;
    Boundary* boundary = &district.table[Home(PlaceOf(position), district.capacity)];
    while (!boundary->Ends(PlaceOf(position))) boundary = Next(district, boundary);
    return boundary->exists() ? boundary : nullptr;
  }
  const Boundary* Find(BlockIndex position) const { return const_cast<BoundaryMap*>(this)->Find(position); }

  // Asks for the memory of a boundary that will be looked up soon.
  void Prefetch(BlockIndex position) const {
    const District& district = DistrictOf(position);
    __builtin_prefetch(district.table + Home(PlaceOf(position), district.capacity));
  }

  // The blocks of the used extent that starts at `position`, where `boundary` is.
  BlockCount CountOf(BlockIndex position, const Boundary& boundary) const {
    return boundary.count() == Boundary::kLarge ? large_counts_.at(position.value()) : BlockCount(boundary.count());
  }

  // A new boundary, of a used extent after nothing free, or of a free run.
  // REQUIRES: there is none at `position`.
  void InsertUsed(BlockIndex position, BlockCount count) { MakeUsed(position, count, Insert(position)); }
  void InsertFree(BlockIndex position, RunId run) { Insert(position)->SetFree(PlaceOf(position), run); }

  // Turns a free run's boundary into a used extent's, after nothing free, and back.
  // REQUIRES: `boundary` is the one at `position`; also below.
  void MakeUsed(BlockIndex position, BlockCount count, Boundary* boundary) {
    boundary->SetUsed(PlaceOf(position), count);
    if (boundary->count() == Boundary::kLarge) large_counts_[position.value()] = count;
  }
  void MakeFree(BlockIndex position, RunId run, Boundary* boundary) {
    if (boundary->count() == Boundary::kLarge) large_counts_.erase(position.value());
    boundary->SetFree(PlaceOf(position), run);
  }
  void Erase(BlockIndex position, Boundary* boundary);
  void Clear();

  // In no particular order. O(capacity / 2^15 + size).
  void ForEach(absl::FunctionRef<void(BlockIndex, const Boundary&)> visit) const;

  // Finds every boundary where it lies and recounts them; aborts on a lie.
  void CheckInvariants() const;

 private:
  static constexpr uint64_t kDistrictBlocks = uint64_t{1} << 15;

  struct District {
    Boundary* table;
    uint32_t size;
    uint32_t capacity;
  };
  struct Freer {
    void operator()(District* districts) const { std::free(districts); }
  };

  static uint32_t PlaceOf(BlockIndex position) { return static_cast<uint32_t>(position.value() % kDistrictBlocks); }
  static uint32_t Home(uint32_t place, uint32_t capacity) {
    const uint32_t hash = place * 0x9e3779b1u;  // 2^32 / golden ratio
    return static_cast<uint32_t>((uint64_t{hash} * capacity) >> 32);
  }
  static Boundary* Next(const District& district, Boundary* boundary) {
    return ++boundary == district.table + district.capacity ? district.table : boundary;
  }
  static Boundary* FindVacancy(const District& district, uint32_t place) {
    Boundary* boundary = &district.table[Home(place, district.capacity)];
    while (boundary->exists()) boundary = Next(district, boundary);
    return boundary;
  }
  static bool IsFull(const District& district) {
    return 20 * uint64_t{district.size} >= 13 * uint64_t{district.capacity};
  }
  static void Rebuild(District* district);

  District& DistrictOf(BlockIndex position) { return districts_[position.value() / kDistrictBlocks]; }
  const District& DistrictOf(BlockIndex position) const { return districts_[position.value() / kDistrictBlocks]; }

  Boundary* Insert(BlockIndex position) {
    District& district = DistrictOf(position);
    if (IsFull(district)) Rebuild(&district);
    ++district.size;
    ++size_;
    return FindVacancy(district, PlaceOf(position));
  }

  uint64_t district_count_;
  std::unique_ptr<District[], Freer> districts_;  // zero until used
  absl::flat_hash_map<uint64_t, BlockCount> large_counts_;
  uint64_t size_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_BOUNDARY_MAP_H_
