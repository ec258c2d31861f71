// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_BOUNDARY_MAP_H_
#define SLOTWISE_ALLOCATOR_BOUNDARY_MAP_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "allocator/extent.h"
#include "allocator/free_runs.h"

namespace slotwise {

// Eight boundaries in one cache line, in no order.
struct alignas(64) BoundaryBucket {
  static constexpr size_t kSlots = 8;
  static constexpr uint16_t kVacant = 0;

  // The first slot of this key, kSlots if there is none. Compares all at once.
  size_t Find(uint16_t key) const {
    using Keys = uint16_t __attribute__((vector_size(16)));
    using Equal = int8_t __attribute__((vector_size(8)));
    Keys all;
    std::memcpy(&all, keys, sizeof(keys));
    const Keys wanted = {key, key, key, key, key, key, key, key};
    const auto equal = std::bit_cast<uint64_t>(__builtin_convertvector(all == wanted, Equal));
    return static_cast<size_t>(std::countr_zero(equal)) / 8;
  }
  bool full() const { return Find(kVacant) == kSlots; }

  uint16_t keys[kSlots];
  uint16_t counts[kSlots];
  uint32_t runs[kSlots];
};

// What is known at the first block of an extent, used or free: the extent that starts here, and the free run that ends
// here, if there is one. A pointer to the 8 bytes in the map, or null.
class Boundary {
 public:
  Boundary() = default;

  bool exists() const { return bucket_ != nullptr; }
  // REQUIRES: exists(); also below.
  bool is_free() const { return count() == 0; }
  // The free run that starts here. REQUIRES: is_free().
  RunId run() const { return bucket_->runs[slot_]; }

  // Of a used extent: the free run that ends here, kNoRun if what lies to the left
  // is used or the edge of the space. REQUIRES: !is_free(); also below.
  RunId left_run() const { return bucket_->runs[slot_] & ~kParked; }
  void SetLeftRun(RunId run) const { bucket_->runs[slot_] = (bucket_->runs[slot_] & kParked) | run; }
  // A parked extent is free, but kept whole for the next request of its size.
  bool is_parked() const { return (bucket_->runs[slot_] & kParked) != 0; }
  void SetParked(bool parked) const { bucket_->runs[slot_] = left_run() | (parked ? kParked : 0); }

  friend bool operator==(const Boundary&, const Boundary&) = default;

 private:
  friend class BoundaryMap;
  static constexpr uint32_t kParked = uint32_t{1} << 31;

  Boundary(BoundaryBucket* bucket, size_t slot) : bucket_(bucket), slot_(slot) {}

  // 0: a free run; kLarge: too many blocks to count here.
  uint16_t count() const { return bucket_->counts[slot_]; }
  void Set(uint16_t count, RunId run) const {
    bucket_->counts[slot_] = count;
    bucket_->runs[slot_] = run;
  }

  BoundaryBucket* bucket_ = nullptr;
  size_t slot_ = 0;
};

// The boundaries of a space by position: open hash tables of cache-line buckets with linear probing (Knuth, The Art of
// Computer Programming, volume 3, section 6.4, algorithms L and R, a bucket in place of a cell), one for each district
// of 2^15 blocks. A search goes on to the next bucket only while buckets are full. Tables grow and shrink: their load
// is between 1/3 and 3/4, except in those of one or two buckets.
//
// Find, Insert and Erase take O(1) expected, and usually look into one bucket. The worst, a growing table in a district
// of one-block extents only, moves 2^15 boundaries.
//
// Positions lie inside the capacity. A Boundary is valid until the next Insert or Erase.
class BoundaryMap {
 public:
  // REQUIRES: 0 < capacity <= kMaxSpace.
  explicit BoundaryMap(BlockCount capacity);
  ~BoundaryMap();
  BoundaryMap(const BoundaryMap&) = delete;
  BoundaryMap& operator=(const BoundaryMap&) = delete;

  uint64_t size() const { return size_; }

  // A Boundary that does not exist if there is none at `position`.
  Boundary Find(BlockIndex position) const {
    const District& district = DistrictOf(position);
    if (district.buckets == 0) return {};
    const uint16_t key = KeyOf(position);
    for (BoundaryBucket* bucket = HomeOf(district, key);; bucket = Next(district, bucket)) {
      const size_t slot = bucket->Find(key);
      if (slot != BoundaryBucket::kSlots) return {bucket, slot};
      if (!bucket->full()) return {};
    }
  }

  // The end of the space as a boundary: of a used extent, with no free run before it. It is not counted, found or
  // visited.
  Boundary end() const { return {end_.get(), 0}; }

  // Asks for the memory of a boundary that will be looked up soon.
  void Prefetch(BlockIndex position) const {
    const District& district = DistrictOf(position);
    __builtin_prefetch(HomeOf(district, KeyOf(position)));
  }

  // The blocks of the used extent that starts at `position`, where `boundary` is.
  BlockCount CountOf(BlockIndex position, Boundary boundary) const {
    if (boundary.count() == kLarge) return LargeCount(position);
    return BlockCount(boundary.count());
  }

  // A new boundary, of a used extent after nothing free, or of a free run.
  // REQUIRES: there is none at `position`.
  void InsertUsed(BlockIndex position, BlockCount count) { MakeUsed(position, count, Insert(position)); }
  void InsertFree(BlockIndex position, RunId run) { Insert(position).Set(kFree, run); }

  // Turns a free run's boundary into a used extent's, after nothing free, and back.
  // REQUIRES: `boundary` is the one at `position`; also below.
  void MakeUsed(BlockIndex position, BlockCount count, Boundary boundary) {
    boundary.Set(static_cast<uint16_t>(std::min<uint64_t>(count.value(), kLarge)), kNoRun);
    if (boundary.count() == kLarge) SetLargeCount(position, count);
  }
  void MakeFree(BlockIndex position, RunId run, Boundary boundary) {
    if (boundary.count() == kLarge) EraseLargeCount(position);
    boundary.Set(kFree, run);
  }
  void Erase(BlockIndex position, Boundary boundary) {
    if (boundary.count() == kLarge) EraseLargeCount(position);
    District& district = DistrictOf(position);
    const bool was_full = boundary.bucket_->full();
    boundary.bucket_->keys[boundary.slot_] = BoundaryBucket::kVacant;
    if (was_full) PullBack(district, boundary);
    --size_;
    --district.size;
    if (IsSparse(district)) Rebuild(&district);
  }
  void Clear();

  // In no particular order. O(capacity / 2^15 + size).
  void ForEach(absl::FunctionRef<void(BlockIndex, Boundary)> visit) const;

  // Looks up and recounts every boundary; aborts on an inconsistency.
  void CheckInvariants() const;

 private:
  static constexpr uint64_t kDistrictBlocks = uint64_t{1} << 15;
  static constexpr uint16_t kExists = uint16_t{1} << 15;  // of a key; the rest is the place in the district
  static constexpr uint16_t kFree = 0;                    // as a count
  static constexpr uint16_t kLarge = UINT16_MAX;          // as a count

  struct District {
    BoundaryBucket* table;
    uint32_t size;
    uint32_t buckets;
  };
  struct Freer {
    void operator()(District* districts) const { std::free(districts); }
  };

  static uint16_t KeyOf(BlockIndex position) {
    return static_cast<uint16_t>(kExists | position.value() % kDistrictBlocks);
  }
  static BoundaryBucket* HomeOf(const District& district, uint16_t key) {
    const uint32_t hash = key * 0x9e3779b1u;  // 2^32 / golden ratio
    return district.table + ((uint64_t{hash} * district.buckets) >> 32);
  }
  static BoundaryBucket* Next(const District& district, BoundaryBucket* bucket) {
    return ++bucket == district.table + district.buckets ? district.table : bucket;
  }
  // How many buckets a search passes on its way.
  static size_t Distance(const District& district, const BoundaryBucket* from, const BoundaryBucket* to) {
    return static_cast<size_t>(to >= from ? to - from : to - from + district.buckets);
  }
  static uint64_t SlotsOf(const District& district) { return uint64_t{district.buckets} * BoundaryBucket::kSlots; }
  static uint32_t BucketsFor(uint32_t size) { return size / (BoundaryBucket::kSlots / 2) + 1; }
  static bool IsCrowded(const District& district) { return 4 * uint64_t{district.size} >= 3 * SlotsOf(district); }
  static bool IsSparse(const District& district) {
    return 3 * uint64_t{district.size} < SlotsOf(district) && BucketsFor(district.size) < district.buckets;
  }
  static Boundary TakeVacancy(const District& district, uint16_t key) {
    BoundaryBucket* bucket = HomeOf(district, key);
    while (bucket->full()) bucket = Next(district, bucket);
    const size_t slot = bucket->Find(BoundaryBucket::kVacant);
    bucket->keys[slot] = key;
    return {bucket, slot};
  }
  // Fills `hole`, in a bucket that was full, with one that had passed over it.
  static void PullBack(const District& district, Boundary hole);
  // A slot of `bucket` whose boundary passed over `passed`; kSlots if there is none.
  static size_t FindPasser(const District& district, const BoundaryBucket* passed, const BoundaryBucket* bucket);
  static void Rebuild(District* district);

  District& DistrictOf(BlockIndex position) { return districts_[position.value() / kDistrictBlocks]; }
  const District& DistrictOf(BlockIndex position) const { return districts_[position.value() / kDistrictBlocks]; }

  BlockCount LargeCount(BlockIndex position) const;
  void SetLargeCount(BlockIndex position, BlockCount count);
  void EraseLargeCount(BlockIndex position);

  Boundary Insert(BlockIndex position) {
    District& district = DistrictOf(position);
    if (IsCrowded(district)) Rebuild(&district);
    ++district.size;
    ++size_;
    return TakeVacancy(district, KeyOf(position));
  }

  uint64_t district_count_;
  std::unique_ptr<District[], Freer> districts_;  // zero until used
  absl::flat_hash_map<uint64_t, BlockCount> large_counts_;
  uint64_t size_ = 0;
  const std::unique_ptr<BoundaryBucket> end_;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_BOUNDARY_MAP_H_
