// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_DISK_IO_QUEUE_H_
#define SLOTWISE_RAWBLOCK_DISK_IO_QUEUE_H_

#include <deque>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "iouring/device.h"

namespace slotwise {

// Requests on their way to a device, first in, first out: those that the device
// has no room for wait here. One thread.
class IoQueue {
 public:
  // `device` is borrowed.
  explicit IoQueue(Device* device) : device_(device) {}

  // As Device::Submit, but without a limit on the requests in flight. O(1).
  void Submit(IoRequest* request) {
    waiting_.push_back(request);
    Feed();
  }

  // As Device::Poll.
  absl::Status Poll(absl::Duration timeout) {
    absl::Status status = device_->Poll(timeout);
    Feed();
    return status;
  }

  bool empty() const { return waiting_.empty() && device_->in_flight() == 0; }
  Device* device() const { return device_; }

 private:
  void Feed() {
    while (!waiting_.empty() && device_->in_flight() < device_->queue_depth()) {
      IoRequest* request = waiting_.front();
      waiting_.pop_front();
      device_->Submit(request);
    }
  }

  Device* const device_;
  std::deque<IoRequest*> waiting_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_DISK_IO_QUEUE_H_
