// SPDX-License-Identifier: Apache-2.0
#include "iouring/blocking_transfer.h"

#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <span>

#include "glog/logging.h"

namespace slotwise {
namespace {

// As the system call does: -1, and the reason in errno, if it fails.
int64_t Call(const DeviceFile& file, const Transfer& transfer) {
  const std::span<const iovec> piece = transfer.piece();
  const int count = static_cast<int>(piece.size());
  switch (transfer.request()->op) {
    case IoRequest::Op::kRead:
      return ::preadv(file.fd(), piece.data(), count, static_cast<off_t>(transfer.offset()));
    case IoRequest::Op::kWrite:
      return ::pwritev(file.fd(), piece.data(), count, static_cast<off_t>(transfer.offset()));
    case IoRequest::Op::kFlush:
      return ::fdatasync(file.fd());
  }
  LOG(FATAL) << "an operation that does not exist";
}

void Perform(const DeviceFile& file, Transfer* transfer) {
  for (;;) {
    if (transfer->Advance(PerformPiece(file, *transfer), file.path())) return;
  }
}

}  // namespace

int64_t PerformPiece(const DeviceFile& file, const Transfer& transfer) {
  const int64_t result = Call(file, transfer);
  return result < 0 ? -errno : result;
}

IoRequest* PerformFirst(const DeviceFile& file, RequestQueue* queue) {
  for (;;) {
    Transfer transfer;
    queue->Start(&transfer);
    Perform(file, &transfer);
    if (IoRequest* ended = queue->End(transfer); ended != nullptr) return ended;
  }
}

}  // namespace slotwise
