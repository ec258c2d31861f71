// SPDX-License-Identifier: Apache-2.0
#include "iouring/buffer_pool.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <functional>
#include <limits>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/system/errno_status.h"

namespace slotwise {
namespace {

// Of one class; half of what a process of x86-64 or arm64 can map.
constexpr size_t kArenaBytesMax = size_t{1} << 46;
constexpr size_t kHugePageBytes = size_t{2} << 20;

size_t RoundUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

absl::Status CheckSizes(const BufferClass& asked) {
  if (asked.bytes == 0 || asked.count == 0) {
    return absl::InvalidArgumentError("a buffer class needs at least one buffer of at least one byte");
  }
  if (asked.bytes > kArenaBytesMax || asked.count > kArenaBytesMax / asked.bytes ||
      asked.count > std::numeric_limits<uint32_t>::max()) {
    return absl::InvalidArgumentError(
        absl::StrCat(asked.count, " buffers of ", asked.bytes, " bytes are more than a process can map"));
  }
  return absl::OkStatus();
}

// `classes` rounded up to `alignment`, smallest first.
absl::StatusOr<std::vector<BufferClass>> Normalise(std::span<const BufferClass> classes, size_t alignment) {
  if (classes.empty()) return absl::InvalidArgumentError("a buffer pool needs at least one class");
  std::vector<BufferClass> result;
  for (const BufferClass& asked : classes) {
    if (absl::Status checked = CheckSizes(asked); !checked.ok()) return checked;
    result.push_back({.bytes = RoundUp(asked.bytes, alignment), .count = asked.count});
  }
  std::ranges::sort(result, {}, &BufferClass::bytes);
  const auto twin = std::ranges::adjacent_find(result, {}, &BufferClass::bytes);
  if (twin == result.end()) return result;
  return absl::InvalidArgumentError(absl::StrCat("two buffer classes of ", twin->bytes, " bytes; make them one"));
}

void* MapAnonymous(size_t bytes, int flags) {
  return ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

// Of the `bytes` + kHugePageBytes at `memory`, keeps the first `bytes` that start at a huge page.
std::byte* Trim(std::byte* memory, size_t bytes) {
  const size_t before =
      RoundUp(reinterpret_cast<uintptr_t>(memory), kHugePageBytes) - reinterpret_cast<uintptr_t>(memory);
  if (before > 0) ::munmap(memory, before);
  ::munmap(memory + before + bytes, kHugePageBytes - before);
  return memory + before;
}

// `bytes` are whole huge pages.
absl::StatusOr<std::span<std::byte>> Map(size_t bytes) {
  void* memory =
      MapAnonymous(bytes, MAP_HUGETLB | static_cast<int>(std::countr_zero(kHugePageBytes)) << MAP_HUGE_SHIFT);
  if (memory != MAP_FAILED) return std::span(static_cast<std::byte*>(memory), bytes);
  memory = MapAnonymous(bytes + kHugePageBytes, 0);
  if (memory == MAP_FAILED) {
    return absl::ResourceExhaustedError(
        ErrnoStatus(errno, absl::StrCat("cannot map ", bytes, " bytes of buffers")).message());
  }
  std::byte* aligned = Trim(static_cast<std::byte*>(memory), bytes);
  ::madvise(aligned, bytes, MADV_HUGEPAGE);  // where there are none, small pages serve
  return std::span(aligned, bytes);
}

size_t ArenaBytes(std::span<const BufferClass> classes) {
  return std::transform_reduce(classes.begin(), classes.end(), size_t{0}, std::plus<>(),
                               [](const BufferClass& one) { return one.bytes * one.count; });
}

}  // namespace

Buffer::~Buffer() {
  if (pool_ != nullptr) pool_->Release(memory_);
}

absl::StatusOr<std::unique_ptr<BufferPool>> BufferPool::Create(std::span<const BufferClass> classes, size_t alignment) {
  if (!std::has_single_bit(alignment) || alignment > static_cast<size_t>(::sysconf(_SC_PAGESIZE))) {
    return absl::InvalidArgumentError(
        absl::StrCat("a buffer pool cannot align to ", alignment, " bytes; name a power of two up to the page size"));
  }
  const absl::StatusOr<std::vector<BufferClass>> normal = Normalise(classes, alignment);
  if (!normal.ok()) return normal.status();
  const absl::StatusOr<std::span<std::byte>> mapping = Map(RoundUp(ArenaBytes(*normal), kHugePageBytes));
  if (!mapping.ok()) return mapping.status();
  return std::unique_ptr<BufferPool>(new BufferPool(*normal, *mapping));
}

BufferPool::BufferPool(std::span<const BufferClass> classes, std::span<std::byte> mapping)
    : mapping_(mapping), arena_(mapping.first(ArenaBytes(classes))) {
  std::span<std::byte> arena = arena_;
  for (const BufferClass& asked : classes) {
    const size_t bytes = asked.bytes * asked.count;
    Class& made = classes_.emplace_back();
    made.statistics = {.bytes = asked.bytes, .count = asked.count};
    made.memory = arena.first(bytes);
    made.free.resize(asked.count);
    std::iota(made.free.rbegin(), made.free.rend(), 0);
    made.in_use.resize(asked.count);
    arena = arena.subspan(bytes);
  }
}

BufferPool::~BufferPool() {
  for (const Class& one : classes_) CHECK_EQ(one.statistics.in_use, 0u) << "a buffer outlives its pool";
  while (!registrars_.empty()) Unregister(registrars_.back());
  ::munmap(mapping_.data(), mapping_.size());
}

std::optional<Buffer> BufferPool::Acquire(size_t bytes) {
  CHECK_GT(bytes, 0u);
  CHECK_LE(bytes, largest_buffer());
  const auto best = std::ranges::find_if(classes_, [&](const Class& one) { return bytes <= one.statistics.bytes; });
  const auto found = std::find_if(best, classes_.end(), [](const Class& one) { return !one.free.empty(); });
  if (found == classes_.end()) {
    ++best->statistics.refused;
    return std::nullopt;
  }
  if (found != best) ++found->statistics.spilled;
  return Take(*found);
}

Buffer BufferPool::Take(Class& from) {
  const uint32_t index = from.free.back();
  from.free.pop_back();
  from.in_use[index] = true;
  BufferClassStatistics& statistics = from.statistics;
  ++statistics.acquired;
  statistics.in_use_max = std::max(statistics.in_use_max, ++statistics.in_use);
  return Buffer(this, from.memory.subspan(index * statistics.bytes, statistics.bytes));
}

void BufferPool::Release(std::span<std::byte> memory) {
  Class& owner = ClassOf(memory);
  const size_t bytes = owner.statistics.bytes;
  const auto offset = static_cast<size_t>(memory.data() - owner.memory.data());
  CHECK(memory.size() == bytes && offset % bytes == 0) << "released memory is not one buffer of this pool";
  const size_t index = offset / bytes;
  CHECK(owner.in_use[index]) << "a buffer is released twice";
  owner.in_use[index] = false;
  owner.free.push_back(static_cast<uint32_t>(index));
  --owner.statistics.in_use;
}

BufferPool::Class& BufferPool::ClassOf(std::span<std::byte> memory) {
  const auto found = std::ranges::find_if(classes_, [&](const Class& one) {
    const std::less<> before;
    return !before(memory.data(), one.memory.data()) && before(memory.data(), one.memory.data() + one.memory.size());
  });
  CHECK(found != classes_.end()) << "released memory is not of this pool";
  return *found;
}

absl::Status BufferPool::Register(MemoryRegistrar* registrar) {
  CHECK(std::ranges::find(registrars_, registrar) == registrars_.end()) << "registered already";
  absl::Status status = registrar->Register(arena_);
  if (status.ok()) registrars_.push_back(registrar);
  return status;
}

void BufferPool::Unregister(MemoryRegistrar* registrar) {
  const auto found = std::ranges::find(registrars_, registrar);
  CHECK(found != registrars_.end()) << "not registered";
  registrars_.erase(found);
  registrar->Unregister(arena_);
}

std::vector<BufferClassStatistics> BufferPool::statistics() const {
  std::vector<BufferClassStatistics> result;
  for (const Class& one : classes_) result.push_back(one.statistics);
  return result;
}

void BufferPool::CheckInvariants() const {
  const std::byte* end = arena_.data();
  for (const Class& one : classes_) {
    CHECK(one.memory.data() == end) << "the classes do not tile the arena";
    end += one.memory.size();
    CheckClass(one);
  }
  CHECK(end == arena_.data() + arena_.size());
}

void BufferPool::CheckClass(const Class& checked) const {
  const BufferClassStatistics& statistics = checked.statistics;
  CHECK_EQ(checked.memory.size(), statistics.bytes * statistics.count);
  CHECK_EQ(checked.in_use.size(), statistics.count);
  CHECK_EQ(static_cast<size_t>(std::ranges::count(checked.in_use, true)), statistics.in_use);
  CHECK_EQ(checked.free.size() + statistics.in_use, statistics.count);
  std::vector<bool> free(statistics.count);
  for (const uint32_t index : checked.free) {
    CHECK(!checked.in_use[index]) << "buffer " << index << " is both free and in use";
    CHECK(!free[index]) << "buffer " << index << " is free twice";
    free[index] = true;
  }
  CHECK_LE(statistics.in_use, statistics.in_use_max);
  CHECK_LE(statistics.in_use_max, statistics.count);
  CHECK_LE(statistics.in_use, statistics.acquired);
  CHECK_LE(statistics.spilled, statistics.acquired);
}

}  // namespace slotwise
