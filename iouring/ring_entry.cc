// SPDX-License-Identifier: Apache-2.0
#include "iouring/ring_entry.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include <cstddef>
#include <optional>
#include <span>

namespace slotwise {
namespace {

constexpr uint32_t kDiscardCommand = _IO(0x12, 0);  // BLOCK_URING_CMD_DISCARD, newer than Debian's headers

uint8_t Opcode(bool reads, bool single, bool registered) {
  if (registered) return reads ? IORING_OP_READ_FIXED : IORING_OP_WRITE_FIXED;
  if (single) return reads ? IORING_OP_READ : IORING_OP_WRITE;
  return reads ? IORING_OP_READV : IORING_OP_WRITEV;
}

void PrepareBytes(const Transfer& transfer, int file, const RegisteredArena& arena, io_uring_sqe* sqe) {
  const std::span<const iovec> piece = transfer.piece();
  const bool single = piece.size() == 1;
  const std::optional<uint16_t> index = single ? arena.IndexOf(piece[0]) : std::nullopt;
  const uint8_t opcode = Opcode(transfer.request()->op == IoRequest::Op::kRead, single, index.has_value());
  const void* address = single ? piece[0].iov_base : piece.data();
  const size_t length = single ? piece[0].iov_len : piece.size();
  io_uring_prep_rw(opcode, sqe, file, address, static_cast<unsigned>(length), transfer.offset());
  if (index.has_value()) sqe->buf_index = *index;
}

void Name(EntryFile file, io_uring_sqe* sqe) {
  sqe->fd = file.number;
  if (file.registered) sqe->flags |= IOSQE_FIXED_FILE;
}

}  // namespace

void PrepareTransfer(const Transfer& transfer, EntryFile file, const RegisteredArena& arena, io_uring_sqe* sqe) {
  const IoRequest& request = *transfer.request();
  switch (request.op) {
    case IoRequest::Op::kRead:
    case IoRequest::Op::kWrite:
      PrepareBytes(transfer, file.number, arena, sqe);
      break;
    case IoRequest::Op::kFlush:
      io_uring_prep_fsync(sqe, file.number, IORING_FSYNC_DATASYNC);
      break;
    case IoRequest::Op::kDiscard:
      io_uring_prep_fallocate(sqe, file.number, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                              static_cast<off_t>(request.offset), static_cast<off_t>(request.length));
      break;
  }
  Name(file, sqe);
}

void PrepareDiscardCommand(uint64_t offset, uint64_t length, EntryFile file, io_uring_sqe* sqe) {
  io_uring_prep_rw(IORING_OP_URING_CMD, sqe, file.number, nullptr, 0, 0);
  sqe->cmd_op = kDiscardCommand;
  sqe->addr = offset;
  sqe->addr3 = length;
  Name(file, sqe);
}

}  // namespace slotwise
