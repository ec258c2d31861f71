// SPDX-License-Identifier: Apache-2.0
#include "iouring/request_check.h"

#include "glog/logging.h"

namespace slotwise {
namespace {

bool IsAligned(uint64_t value, uint32_t alignment) { return (value & (alignment - 1)) == 0; }

uint64_t CheckBuffers(const IoRequest& request, uint32_t alignment) {
  CHECK(request.buffers.size() <= kBuffersMax);
  uint64_t bytes = 0;
  for (const iovec& buffer : request.buffers) {
    CHECK(IsAligned(reinterpret_cast<uintptr_t>(buffer.iov_base), alignment)) << "a buffer's address is unaligned";
    CHECK(IsAligned(buffer.iov_len, alignment)) << "a buffer's length is unaligned";
    bytes += buffer.iov_len;
  }
  return bytes;
}

void CheckRange(uint64_t offset, uint64_t length, const Device& device) {
  const uint64_t size = device.size();
  CHECK(IsAligned(offset, device.alignment())) << "the offset is unaligned";
  CHECK(IsAligned(length, device.alignment())) << "the length is unaligned";
  CHECK(offset <= size && length <= size - offset) << "out of bounds";
}

}  // namespace

uint64_t CheckRequest(const IoRequest& request, const Device& device) {
  CHECK(request.done != nullptr) << "a request without done";
  const bool flush = request.op == IoRequest::Op::kFlush;
  CHECK(!flush || request.buffers.empty()) << "a flush with buffers";
  const uint64_t bytes = CheckBuffers(request, device.alignment());
  if (!flush) CheckRange(request.offset, bytes, device);
  return bytes;
}

}  // namespace slotwise
