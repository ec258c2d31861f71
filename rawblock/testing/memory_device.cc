// SPDX-License-Identifier: Apache-2.0
#include "rawblock/testing/memory_device.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "glog/logging.h"

namespace slotwise {

MemoryDevice::MemoryDevice(uint64_t size, uint64_t blank_from) : size_(size) {
  CHECK_EQ(size % kAlignment, 0u);
  const uint64_t held = std::min(size, blank_from);
  void* memory = mmap(nullptr, held, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  PCHECK(memory != MAP_FAILED) << held << " bytes";
  bytes_ = {static_cast<std::byte*>(memory), held};
}

MemoryDevice::~MemoryDevice() { PCHECK(munmap(bytes_.data(), bytes_.size()) == 0); }

void MemoryDevice::Submit(IoRequest* request) {
  for (const iovec& buffer : request->buffers) {
    CHECK_EQ(reinterpret_cast<uintptr_t>(buffer.iov_base) % kAlignment, 0u);
    CHECK_EQ(buffer.iov_len % kAlignment, 0u);
  }
  CHECK_EQ(request->offset % kAlignment, 0u);
  queue_.push_back(request);
}

absl::Status MemoryDevice::Poll(absl::Duration) {
  std::vector<IoRequest*> due;
  for (IoRequest* request : std::exchange(queue_, {})) {
    (hold_ != nullptr && hold_(*request) ? queue_ : due).push_back(request);
  }
  ending_ = due.size();
  for (IoRequest* request : due) {
    request->status = fault_ == nullptr ? absl::OkStatus() : fault_(*request);
    if (request->status.ok()) Perform(*request);
  }
  for (IoRequest* request : due) {
    --ending_;
    request->done(request);
  }
  return absl::OkStatus();
}

void MemoryDevice::Perform(const IoRequest& request) {
  uint64_t offset = request.offset;
  for (const iovec& buffer : request.buffers) {
    CHECK_LE(offset + buffer.iov_len, size_);
    const uint64_t from = std::min<uint64_t>(offset, bytes_.size());
    const uint64_t held = std::min<uint64_t>(offset + buffer.iov_len, bytes_.size()) - from;
    auto* memory = static_cast<std::byte*>(buffer.iov_base);
    if (request.op == IoRequest::Op::kWrite) std::memcpy(bytes_.data() + from, memory, held);
    if (request.op == IoRequest::Op::kRead) {
      std::memcpy(memory, bytes_.data() + from, held);
      std::memset(memory + held, 0, buffer.iov_len - held);
      bytes_read_ += buffer.iov_len;
    }
    offset += buffer.iov_len;
  }
}

absl::Status MemoryDevice::Close() {
  while (in_flight() > 0) {
    if (absl::Status status = Poll(absl::ZeroDuration()); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace slotwise
