// SPDX-License-Identifier: Apache-2.0
#include "iouring/request_check.h"

#include "glog/logging.h"

namespace slotwise {
namespace {

uint64_t CheckBuffers(const IoRequest& request, uint32_t alignment) {
  CHECK_LE(request.buffers.size(), kBuffersMax);
  uint64_t bytes = 0;
  for (const iovec& buffer : request.buffers) {
    CHECK_EQ(reinterpret_cast<uintptr_t>(buffer.iov_base) % alignment, 0u) << "a buffer's address is unaligned";
    CHECK_EQ(buffer.iov_len % alignment, 0u) << "a buffer's length is unaligned";
    bytes += buffer.iov_len;
  }
  return bytes;
}

void CheckRange(uint64_t offset, uint64_t length, const Device& device) {
  CHECK_EQ(offset % device.alignment(), 0u) << "the offset is unaligned";
  CHECK_EQ(length % device.alignment(), 0u) << "the length is unaligned";
  CHECK_LE(offset, device.size()) << "out of bounds";
  CHECK_LE(length, device.size() - offset) << "out of bounds";
}

}  // namespace

uint64_t CheckRequest(const IoRequest& request, const Device& device) {
  CHECK(request.done != nullptr) << "a request without done";
  const bool moves_bytes = request.op == IoRequest::Op::kRead || request.op == IoRequest::Op::kWrite;
  CHECK(moves_bytes || request.buffers.empty()) << "a flush or discard with buffers";
  const uint64_t bytes = CheckBuffers(request, device.alignment());
  if (moves_bytes) CheckRange(request.offset, bytes, device);
  if (request.op == IoRequest::Op::kDiscard) {
    CHECK_GT(request.length, 0u) << "a discard of nothing";
    CheckRange(request.offset, request.length, device);
  }
  return bytes;
}

}  // namespace slotwise
