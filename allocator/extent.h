// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_EXTENT_H_
#define SLOTWISE_ALLOCATOR_EXTENT_H_

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <span>

#include "allocator/requirement.h"

namespace slotwise {

// A number of blocks, the smallest unit of device space. Counts, positions and
// bytes are different types, so they cannot be mixed by accident.
class BlockCount {
 public:
  constexpr BlockCount() = default;
  constexpr explicit BlockCount(uint64_t value) : value_(value) {}
  constexpr uint64_t value() const { return value_; }

  friend constexpr auto operator<=>(BlockCount, BlockCount) = default;
  friend constexpr BlockCount operator+(BlockCount a, BlockCount b) { return BlockCount(a.value_ + b.value_); }
  // REQUIRES: b <= a.
  friend constexpr BlockCount operator-(BlockCount a, BlockCount b) { return BlockCount(a.value_ - b.value_); }
  friend constexpr BlockCount operator*(BlockCount a, uint64_t times) { return BlockCount(a.value_ * times); }
  constexpr BlockCount& operator+=(BlockCount other) { return *this = *this + other; }
  constexpr BlockCount& operator-=(BlockCount other) { return *this = *this - other; }

 private:
  uint64_t value_ = 0;
};

// The position of one block, counted from the first block of the space.
class BlockIndex {
 public:
  constexpr BlockIndex() = default;
  constexpr explicit BlockIndex(uint64_t value) : value_(value) {}
  constexpr uint64_t value() const { return value_; }

  friend constexpr auto operator<=>(BlockIndex, BlockIndex) = default;
  friend constexpr BlockIndex operator+(BlockIndex a, BlockCount b) { return BlockIndex(a.value_ + b.value()); }
  // REQUIRES: b <= a.
  friend constexpr BlockCount operator-(BlockIndex a, BlockIndex b) { return BlockCount(a.value_ - b.value_); }

 private:
  uint64_t value_ = 0;
};

// Templates, so that <iosfwd> is enough here.
template <typename Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, BlockCount count) {
  return out << count.value();
}
template <typename Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, BlockIndex index) {
  return out << index.value();
}

// The largest space an allocator manages: 16 TiB of 4 KiB blocks.
inline constexpr BlockCount kMaxSpace{uint64_t{1} << 32};

// A run of blocks, [start, end). 8 bytes: placements of many extents stay small.
class Extent {
 public:
  constexpr Extent() = default;
  // REQUIRES: start + count <= kMaxSpace and count < kMaxSpace.
  constexpr Extent(BlockIndex start, BlockCount count)
      : start_(static_cast<uint32_t>(start.value())), count_(static_cast<uint32_t>(count.value())) {}
  constexpr BlockIndex start() const { return BlockIndex(start_); }
  constexpr BlockCount count() const { return BlockCount(count_); }
  constexpr BlockIndex end() const { return start() + count(); }

  friend constexpr auto operator<=>(const Extent&, const Extent&) = default;

 private:
  uint32_t start_ = 0;
  uint32_t count_ = 0;
};

template <typename Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const Extent& extent) {
  return out << "[" << extent.start() << ", " << extent.end() << ")";
}

// Where one payload lives: 1 to kMaxExtents disjoint extents, in payload order. Empty only when default-constructed.
// Copying costs what it holds: unused extents are neither cleared nor copied.
class Placement {
 public:
  static constexpr size_t kMaxExtents = 8;

  Placement() {}
  explicit Placement(Extent extent) : size_(1) { std::construct_at(extents_, extent); }
  Placement(const Placement& other) : size_(other.size_) { std::uninitialized_copy_n(other.extents_, size_, extents_); }
  Placement& operator=(const Placement& other) {
    size_ = other.size_;
    std::uninitialized_copy_n(other.extents_, size_, extents_);
    return *this;
  }

  // REQUIRES: size() < kMaxExtents.
  void Append(Extent extent) {
    Require(size_ < kMaxExtents, "a placement of too many extents");
    std::construct_at(extents_ + size_, extent);
    ++size_;
  }

  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  std::span<const Extent> extents() const { return {extents_, size_}; }
  const Extent* begin() const { return extents_; }
  const Extent* end() const { return extents_ + size_; }
  // REQUIRES: not empty.
  const Extent& front() const { return extents_[0]; }

  // The blocks of all extents together; at least what the payload asked for.
  BlockCount blocks() const {
    BlockCount sum;
    for (const Extent& extent : extents()) sum += extent.count();
    return sum;
  }

  friend bool operator==(const Placement& a, const Placement& b) {
    return a.size_ == b.size_ && std::equal(a.begin(), a.end(), b.begin());
  }

 private:
  uint32_t size_ = 0;
  union {
    Extent extents_[kMaxExtents];  // the first size_ exist
  };
};

template <typename Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const Placement& placement) {
  for (const Extent& extent : placement) out << extent;
  return out;
}

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_EXTENT_H_
