// SPDX-License-Identifier: Apache-2.0
#include "iouring/read_only_device.h"

#include <cstddef>

namespace slotwise {

void ReadOnlyDevice::Submit(IoRequest* request) {
  if (request->op == IoRequest::Op::kRead) {
    device_->Submit(request);
  } else {
    forgotten_.push_back(request);
  }
}

// What is forgotten is as good as done.
void ReadOnlyDevice::Cancel(IoRequest* request) {
  if (request->op == IoRequest::Op::kRead) device_->Cancel(request);
}

absl::Status ReadOnlyDevice::Poll(absl::Duration timeout) {
  const size_t due = forgotten_.size();
  absl::Status status = device_->Poll(due > 0 ? absl::ZeroDuration() : timeout);
  for (size_t i = 0; i < due; ++i) {
    IoRequest* request = forgotten_.front();
    forgotten_.pop_front();
    request->status = absl::OkStatus();
    request->done(request);
  }
  return status;
}

absl::Status ReadOnlyDevice::Close() {
  while (in_flight() > 0) {
    if (!Poll(absl::InfiniteDuration()).ok()) break;  // of which the device beneath knows more
  }
  return device_->Close();
}

}  // namespace slotwise
