// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_ALIGNED_BUFFER_H_
#define SLOTWISE_IOURING_ALIGNED_BUFFER_H_

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>

namespace slotwise {

// Heap memory that a device can transfer to and from; zero at first.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  // Both in bytes; `alignment` is a power of two. Aborts when memory is out.
  AlignedBuffer(size_t bytes, size_t alignment);

  std::span<std::byte> span() { return {data_.get(), size_}; }
  std::span<const std::byte> span() const { return {data_.get(), size_}; }
  size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(std::byte* data) const { std::free(data); }
  };
  std::unique_ptr<std::byte, Free> data_;
  size_t size_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_ALIGNED_BUFFER_H_
