// SPDX-License-Identifier: Apache-2.0
#include "iouring/file_device.h"

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <span>
#include <utility>

#include "glog/logging.h"
#include "iouring/request_check.h"

namespace slotwise {
namespace {

int64_t Call(int fd, const Transfer& transfer) {
  const IoRequest& request = *transfer.request();
  const std::span<const iovec> piece = transfer.piece();
  const int count = static_cast<int>(piece.size());
  switch (request.op) {
    case IoRequest::Op::kRead:
      return ::preadv(fd, piece.data(), count, static_cast<off_t>(transfer.offset()));
    case IoRequest::Op::kWrite:
      return ::pwritev(fd, piece.data(), count, static_cast<off_t>(transfer.offset()));
    case IoRequest::Op::kFlush:
      return ::fdatasync(fd);
    case IoRequest::Op::kDiscard:
      return ::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(request.offset),
                         static_cast<off_t>(request.length));
  }
  LOG(FATAL) << "an operation that does not exist";
}

}  // namespace

FileDevice::FileDevice(DeviceFile file, const FileDeviceOptions& options)
    : file_(std::move(file)),
      transfer_bytes_max_(options.transfer_bytes_max),
      queue_(static_cast<size_t>(options.queue_depth)) {
  CHECK_GT(options.queue_depth, 0);
  CHECK_EQ(transfer_bytes_max_ % file_.geometry().alignment, 0u);
}

FileDevice::~FileDevice() {
  while (in_flight() > 0) CHECK(Poll(absl::InfiniteDuration()).ok());
}

void FileDevice::Submit(IoRequest* request) {
  const uint64_t length = CheckRequest(*request, *this);
  queue_[(first_ + queued_++) % queue_.size()].Start(request, length, alignment());
}

absl::Status FileDevice::Poll(absl::Duration /*timeout*/) {
  for (size_t left = queued_; left > 0; --left) {
    IoRequest* request = PerformFirst();
    first_ = (first_ + 1) % queue_.size();
    --queued_;
    request->done(request);
  }
  return absl::OkStatus();
}

IoRequest* FileDevice::PerformFirst() {
  Transfer& transfer = queue_[first_];
  int64_t result = 0;
  do {
    transfer.Aim(transfer_bytes_max_);
    result = Call(file_.fd(), transfer);
  } while (!transfer.Advance(result < 0 ? -errno : result, file_.path()));
  flush_latch_.Settle(transfer.request());
  return transfer.request();
}

}  // namespace slotwise
