// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_BUFFER_POOL_H_
#define SLOTWISE_IOURING_BUFFER_POOL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "iouring/memory_registrar.h"

namespace slotwise {

class BufferPool;

// `count` buffers of `bytes` each.
struct BufferClass {
  size_t bytes = 0;
  size_t count = 0;
};

struct BufferClassStatistics {
  size_t bytes = 0;  // of each buffer, after rounding up to the alignment
  size_t count = 0;
  size_t in_use = 0;
  size_t in_use_max = 0;
  uint64_t acquired = 0;  // buffers ever handed out
  uint64_t spilled = 0;   // of these, to requests that a smaller class was too empty for
  uint64_t refused = 0;   // requests that fit here best and found this class and all larger ones empty
};

// One buffer of a pool, given back when this object ends. A span that moves and
// does not copy. Must not outlive its pool.
class Buffer {
 public:
  Buffer(Buffer&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), memory_(other.memory_) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(memory_, other.memory_);
    return *this;
  }
  ~Buffer();

  // All of the buffer, at least what Acquire asked for.
  std::span<std::byte> span() const { return memory_; }

  // Hands the memory to an owner that cannot hold a Buffer (a C callback) and gives it back with BufferPool::Release.
  std::span<std::byte> Detach() {
    pool_ = nullptr;
    return memory_;
  }

 private:
  friend class BufferPool;
  Buffer(BufferPool* pool, std::span<std::byte> memory) : pool_(pool), memory_(memory) {}

  BufferPool* pool_;  // null: nothing to give back
  std::span<std::byte> memory_;
};

// A fixed arena of aligned memory, cut into buffers of a few sizes. It is mapped
// once, so that nothing is allocated per transfer and an io_uring or a GPU stack
// can register all of it in advance. The smallest class that fits serves a
// request; when it is empty, the next larger one does. When all are empty there
// is none: that is the backpressure.
//
// The arena lies on huge pages where there are any: reserved ones
// (vm.nr_hugepages), else transparent ones. A buffer is then contiguous in
// physical memory, and the device need not gather it from single pages. It
// takes whole huge pages of address space, the last perhaps in part.
//
// Acquire and Release are O(classes). Not thread-safe.
class BufferPool {
 public:
  // Sizes are rounded up to `alignment`, a power of two up to the page size.
  // kInvalidArgument when a class is empty, absurd or given twice;
  // kResourceExhausted when the memory cannot be had.
  static absl::StatusOr<std::unique_ptr<BufferPool>> Create(std::span<const BufferClass> classes, size_t alignment);

  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  // REQUIRES: every buffer has been given back.
  ~BufferPool();

  // nullopt when no buffer of `bytes` or more is free.
  // REQUIRES: 0 < bytes <= largest_buffer().
  std::optional<Buffer> Acquire(size_t bytes);

  // Takes back what Detach handed out. Aborts if `memory` is no buffer of this pool, or one that is not in use.
  void Release(std::span<std::byte> memory);

  // Registers the arena until Unregister or the end of the pool.
  // REQUIRES: `registrar` lives until then and is not registered already.
  absl::Status Register(MemoryRegistrar* registrar);
  void Unregister(MemoryRegistrar* registrar);

  size_t largest_buffer() const { return classes_.back().statistics.bytes; }
  std::span<std::byte> arena() const { return arena_; }
  // By class, smallest first.
  std::vector<BufferClassStatistics> statistics() const;

  // Recounts the free buffers against the marks and the statistics; aborts with
  // a message on the first inconsistency. O(buffers).
  void CheckInvariants() const;

 private:
  struct Class {
    BufferClassStatistics statistics;
    std::span<std::byte> memory;  // its part of the arena
    std::vector<uint32_t> free;   // indices; the last one is served first, being the warmest
    std::vector<bool> in_use;     // by index
  };

  BufferPool(std::span<const BufferClass> classes, std::span<std::byte> mapping);

  Buffer Take(Class& from);
  Class& ClassOf(std::span<std::byte> memory);
  void CheckClass(const Class& checked) const;

  std::span<std::byte> mapping_;  // the arena, and what whole huge pages add to it
  std::span<std::byte> arena_;
  std::vector<Class> classes_;  // smallest first, in the order of the arena
  std::vector<MemoryRegistrar*> registrars_;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_BUFFER_POOL_H_
