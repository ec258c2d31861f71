// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/metadata_stream.h"

#include <algorithm>
#include <cstring>

#include "absl/time/time.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/metadata_io.h"

namespace slotwise {
namespace {

// Room before what a window reads, for what the last one left over.
constexpr size_t kCarryBytes = format::kGroupBytesMax;

}  // namespace

MetadataStream::MetadataStream(Device* device, uint64_t offset, uint64_t bytes)
    : device_(device), offset_(offset), left_(bytes), begin_(kCarryBytes) {
  const size_t window_bytes = std::min<uint64_t>(bytes, kRequests * kRequestBytes);
  for (Window& window : windows_) window.buffer = AlignedBuffer(kCarryBytes + window_bytes, format::kBlockBytesMax);
  StartRead(&windows_[1]);
}

MetadataStream::~MetadataStream() { Await().IgnoreError(); }

void MetadataStream::StartRead(Window* window) {
  window->bytes = std::min<uint64_t>(left_, kRequests * kRequestBytes);
  for (size_t at = 0; at < window->bytes; at += kRequestBytes) {
    const size_t part = at / kRequestBytes;
    const std::span<std::byte> bytes =
        window->buffer.span().subspan(kCarryBytes + at, std::min(kRequestBytes, window->bytes - at));
    window->buffers[part] = {.iov_base = bytes.data(), .iov_len = bytes.size()};
    IoRequest& request = window->requests[part];
    request.op = IoRequest::Op::kRead;
    request.offset = offset_ + at;
    request.buffers = {&window->buffers[part], 1};
    request.status = absl::OkStatus();
    request.done = [](IoRequest*) {};
    device_->Submit(&request);
  }
  offset_ += window->bytes;
  left_ -= window->bytes;
}

absl::Status MetadataStream::Await() {
  while (device_->in_flight() > 0) {
    if (absl::Status status = device_->Poll(absl::InfiniteDuration()); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status MetadataStream::NextWindow() {
  absl::Status status = Await();
  Window& next = windows_[1 - current_];
  for (IoRequest& request : next.requests) {
    if (status.ok() && !request.status.ok()) status = ReadBlocks(&request);
  }
  if (!status.ok()) return status;
  const std::span<const std::byte> carry = Unread();
  begin_ = kCarryBytes - carry.size();
  std::memcpy(next.buffer.span().data() + begin_, carry.data(), carry.size());
  taken_ = 0;
  windows_[current_].bytes = 0;
  current_ = 1 - current_;
  StartRead(&windows_[1 - current_]);
  return device_->Poll(absl::ZeroDuration());
}

absl::Status MetadataStream::ReadBlocks(IoRequest* request) {
  if (!absl::IsDataLoss(request->status)) return request->status;
  const uint32_t block_bytes = std::max(kBlockBytes, device_->alignment());
  const iovec& all = request->buffers.front();
  for (uint64_t at = 0; at < all.iov_len; at += block_bytes) {
    const std::span<std::byte> block(static_cast<std::byte*>(all.iov_base) + at,
                                     std::min<uint64_t>(block_bytes, all.iov_len - at));
    absl::Status read = ReadBytes(device_, request->offset + at, block);
    if (read.ok()) continue;
    if (!absl::IsDataLoss(read)) return read;
    std::ranges::fill(block, std::byte{0});
    unreadable_.push_back(request->offset + at);
  }
  request->status = absl::OkStatus();
  return absl::OkStatus();
}

std::span<const std::byte> MetadataStream::Unread() const {
  const Window& window = windows_[current_];
  return window.buffer.span().first(kCarryBytes + window.bytes).subspan(begin_ + taken_);
}

absl::StatusOr<std::span<const std::byte>> MetadataStream::Peek() {
  if (Unread().size() < format::kGroupBytesMax && windows_[1 - current_].bytes > 0) {
    if (absl::Status status = NextWindow(); !status.ok()) return status;
  }
  return Unread();
}

}  // namespace slotwise
