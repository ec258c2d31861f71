// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_ALIGNED_BUFFER_H_
#define SLOTWISE_IOURING_ALIGNED_BUFFER_H_

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "glog/logging.h"

namespace slotwise {

// Heap memory that a device can transfer to and from; zero at first.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  // Both in bytes; `alignment` is a power of two.
  AlignedBuffer(size_t bytes, size_t alignment)
      : data_(static_cast<std::byte*>(std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment))),
        size_(bytes) {
    CHECK(data_ != nullptr) << "out of memory for " << bytes << " bytes";
    std::memset(data_.get(), 0, bytes);
  }

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
