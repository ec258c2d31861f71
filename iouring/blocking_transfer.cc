// SPDX-License-Identifier: Apache-2.0
#include "iouring/blocking_transfer.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <span>

#include "glog/logging.h"
#include "iouring/transfer.h"

namespace slotwise {
namespace {

int Discard(const DeviceFile& file, const IoRequest& request) {
  if (file.geometry().is_block_device) {
    uint64_t range[] = {request.offset, request.length};
    return ::ioctl(file.fd(), BLKDISCARD, range);
  }
  return ::fallocate(file.fd(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(request.offset),
                     static_cast<off_t>(request.length));
}

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
    case IoRequest::Op::kDiscard:
      return Discard(file, *transfer.request());
  }
  LOG(FATAL) << "an operation that does not exist";
}

void Perform(const DeviceFile& file, Transfer* transfer) {
  for (;;) {
    const int64_t result = Call(file, *transfer);
    if (transfer->Advance(result < 0 ? -errno : result, file.path())) return;
  }
}

}  // namespace

IoRequest* PerformFirst(const DeviceFile& file, RequestQueue* queue) {
  for (;;) {
    Transfer transfer;
    queue->Start(&transfer);
    Perform(file, &transfer);
    if (IoRequest* ended = queue->End(transfer); ended != nullptr) return ended;
  }
}

}  // namespace slotwise
