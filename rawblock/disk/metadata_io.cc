// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/metadata_io.h"

#include <algorithm>
#include <vector>

namespace slotwise {
namespace {

constexpr size_t kRequestBytes = 1 << 20;

struct Piece {
  IoRequest request;
  iovec buffer;
};

absl::Status Run(Device* device, std::span<Piece> pieces) {
  for (Piece& piece : pieces) {
    if (piece.buffer.iov_len > 0) piece.request.buffers = {&piece.buffer, 1};
    piece.request.done = [](IoRequest*) {};
    device->Submit(&piece.request);
  }
  absl::Status status;
  while (device->in_flight() > 0) status.Update(device->Poll(absl::InfiniteDuration()));
  for (const Piece& piece : pieces) status.Update(piece.request.status);
  return status;
}

absl::Status Transfer(Device* device, IoRequest::Op op, uint64_t offset, std::span<std::byte> bytes) {
  std::vector<Piece> pieces;
  for (size_t done = 0; done < bytes.size(); done += kRequestBytes) {
    const std::span<std::byte> part = bytes.subspan(done, std::min(kRequestBytes, bytes.size() - done));
    Piece& piece = pieces.emplace_back();
    piece.request.op = op;
    piece.request.offset = offset + done;
    piece.buffer = {.iov_base = part.data(), .iov_len = part.size()};
  }
  return Run(device, pieces);
}

}  // namespace

absl::Status ReadBytes(Device* device, uint64_t offset, std::span<std::byte> bytes) {
  return Transfer(device, IoRequest::Op::kRead, offset, bytes);
}

absl::Status WriteBytes(Device* device, uint64_t offset, std::span<const std::byte> bytes) {
  auto* data = const_cast<std::byte*>(bytes.data());  // a kWrite only reads it
  return Transfer(device, IoRequest::Op::kWrite, offset, {data, bytes.size()});
}

absl::Status FlushDevice(Device* device) {
  Piece flush{};
  flush.request.op = IoRequest::Op::kFlush;
  return Run(device, {&flush, 1});
}

}  // namespace slotwise
