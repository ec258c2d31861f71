// SPDX-License-Identifier: Apache-2.0
#include "iouring/aligned_buffer.h"

#include <cstring>

#include "glog/logging.h"

namespace slotwise {

AlignedBuffer::AlignedBuffer(size_t bytes, size_t alignment)
    : data_(static_cast<std::byte*>(std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment))),
      size_(bytes) {
  CHECK(data_ != nullptr) << "out of memory for " << bytes << " bytes";
  std::memset(data_.get(), 0, bytes);
}

}  // namespace slotwise
