// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/payload_transfer.h"

#include <algorithm>
#include <utility>

#include "glog/logging.h"

namespace slotwise {

void PayloadTransfer::Start(IoRequest::Op op, const Layout& layout, const Placement& placement,
                            std::span<std::byte> payload, size_t room, Device* device,
                            absl::AnyInvocable<void()> done) {
  CHECK_EQ(pieces_outstanding_, 0u);
  CHECK_GE(placement.blocks(), layout.BlocksFor(payload.size()));
  device_ = device;
  done_ = std::move(done);
  block_bytes_ = layout.block_bytes;
  pieces_used_ = 0;
  device_bytes_ = 0;
  tail_target_ = {};
  status_ = absl::OkStatus();

  const uint64_t whole = layout.BlocksFor(payload.size()).value() * block_bytes_;
  const bool in_place = op == IoRequest::Op::kRead ? room >= whole : payload.size() == whole;
  if (in_place) payload = {payload.data(), whole};
  for (const Extent& extent : placement) {
    const size_t bytes = std::min<uint64_t>(payload.size(), extent.count().value() * block_bytes_);
    if (bytes == 0) break;
    pieces_outstanding_ = ++pieces_used_;
    SubmitPiece(op, layout.ByteOffset(extent.start()), payload.first(bytes), bytes % block_bytes_ != 0);
    payload = payload.subspan(bytes);
  }
}

void PayloadTransfer::SubmitPiece(IoRequest::Op op, uint64_t offset, std::span<std::byte> bytes, bool through_tail) {
  Piece& piece = pieces_[pieces_used_ - 1];
  const size_t in_place = bytes.size() - bytes.size() % block_bytes_;
  size_t parts = 0;
  if (in_place > 0) piece.parts[parts++] = {.iov_base = bytes.data(), .iov_len = in_place};
  if (through_tail) {
    const std::span<std::byte> tail = Tail(op, bytes.subspan(in_place));
    piece.parts[parts++] = {.iov_base = tail.data(), .iov_len = tail.size()};
    tail_target_ = bytes.subspan(in_place);
  }
  piece.op = op;
  piece.offset = offset;
  piece.buffers = {piece.parts.data(), parts};
  piece.done = &PieceDone;
  piece.owner = this;
  device_bytes_ += in_place + (through_tail ? block_bytes_ : 0);
  device_->Submit(&piece);
}

std::span<std::byte> PayloadTransfer::Tail(IoRequest::Op op, std::span<const std::byte> bytes) {
  if (tail_.size() == 0) tail_ = AlignedBuffer(block_bytes_, block_bytes_);
  if (op == IoRequest::Op::kWrite) {
    std::copy(bytes.begin(), bytes.end(), tail_.span().begin());
    std::fill(tail_.span().begin() + static_cast<ptrdiff_t>(bytes.size()), tail_.span().end(), std::byte{0});
  }
  return tail_.span();
}

void PayloadTransfer::PieceDone(IoRequest* request) {
  auto* piece = static_cast<Piece*>(request);
  piece->owner->status_.Update(piece->status);
  if (--piece->owner->pieces_outstanding_ == 0) piece->owner->Finish();
}

void PayloadTransfer::Finish() {
  if (abandoned_) return;
  if (pieces_[0].op == IoRequest::Op::kRead) {
    std::copy_n(tail_.span().begin(), tail_target_.size(), tail_target_.begin());
  }
  // Out of the member first: it may start the next payload.
  std::exchange(done_, nullptr)();
}

}  // namespace slotwise
