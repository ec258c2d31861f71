// SPDX-License-Identifier: Apache-2.0
#include "iouring/file_device.h"

#include <utility>

#include "glog/logging.h"
#include "iouring/blocking_transfer.h"
#include "iouring/request_check.h"

namespace slotwise {

FileDevice::FileDevice(DeviceFile file, const FileDeviceOptions& options)
    : file_(std::move(file)),
      queue_depth_(options.queue_depth),
      queue_(file_.geometry().alignment, options.transfer_bytes_max),
      flush_latch_(/*page_cache=*/!file_.geometry().direct) {
  CHECK_GT(options.queue_depth, 0);
}

FileDevice::~FileDevice() { CHECK_EQ(Close(), absl::OkStatus()); }

void FileDevice::Submit(IoRequest* request) {
  CHECK(file_.is_open()) << "the device is closed";
  queue_.Push(request, CheckRequest(*request, *this));
}

absl::Status FileDevice::Poll(absl::Duration /*timeout*/) {
  if (in_flight() == 0) return absl::OkStatus();
  if (absl::Status ours = file_.CheckProcess(); !ours.ok()) return ours;
  for (int left = in_flight(); left > 0; --left) {
    IoRequest* request = queue_.TakeGivenUp();
    if (request == nullptr) request = PerformFirst(file_, &queue_);
    flush_latch_.Settle(request);
    request->done(request);
  }
  return absl::OkStatus();
}

absl::Status FileDevice::Close() {
  while (in_flight() > 0 && file_.CheckProcess().ok()) {
    if (absl::Status polled = Poll(absl::InfiniteDuration()); !polled.ok()) return polled;
  }
  file_.Close();
  return absl::OkStatus();
}

}  // namespace slotwise
