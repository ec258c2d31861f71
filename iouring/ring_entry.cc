// SPDX-License-Identifier: Apache-2.0
#include "iouring/ring_entry.h"

#include <sys/uio.h>

#include <cstddef>
#include <optional>
#include <span>

namespace slotwise {
namespace {

constexpr int kFile = 0;  // the ring's only registered file

uint8_t Opcode(bool reads, bool single, bool registered) {
  if (registered) return reads ? IORING_OP_READ_FIXED : IORING_OP_WRITE_FIXED;
  if (single) return reads ? IORING_OP_READ : IORING_OP_WRITE;
  return reads ? IORING_OP_READV : IORING_OP_WRITEV;
}

void PrepareBytes(const Transfer& transfer, const RegisteredArena& arena, io_uring_sqe* sqe) {
  const std::span<const iovec> piece = transfer.piece();
  const bool single = piece.size() == 1;
  const std::optional<uint16_t> index = single ? arena.IndexOf(piece[0]) : std::nullopt;
  const uint8_t opcode = Opcode(transfer.request()->op == IoRequest::Op::kRead, single, index.has_value());
  const void* address = single ? piece[0].iov_base : piece.data();
  const size_t length = single ? piece[0].iov_len : piece.size();
  io_uring_prep_rw(opcode, sqe, kFile, address, static_cast<unsigned>(length), transfer.offset());
  if (index.has_value()) sqe->buf_index = *index;
}

}  // namespace

void PrepareTransfer(const Transfer& transfer, const RegisteredArena& arena, io_uring_sqe* sqe) {
  switch (transfer.request()->op) {
    case IoRequest::Op::kRead:
    case IoRequest::Op::kWrite:
      PrepareBytes(transfer, arena, sqe);
      break;
    case IoRequest::Op::kFlush:
      io_uring_prep_fsync(sqe, kFile, IORING_FSYNC_DATASYNC);
      break;
  }
  sqe->flags |= IOSQE_FIXED_FILE;
}

}  // namespace slotwise
