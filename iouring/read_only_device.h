// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_READ_ONLY_DEVICE_H_
#define SLOTWISE_IOURING_READ_ONLY_DEVICE_H_

#include <deque>
#include <memory>
#include <utility>

#include "iouring/device.h"

namespace slotwise {

// Lets a store be opened and examined without a byte of it changing: reads go
// to the device beneath; writes and flushes are reported as done, at the next
// Poll, and forgotten.
class ReadOnlyDevice final : public Device {
 public:
  explicit ReadOnlyDevice(std::unique_ptr<Device> device) : device_(std::move(device)) {}

  uint64_t size() const override { return device_->size(); }
  uint32_t alignment() const override { return device_->alignment(); }
  int queue_depth() const override { return device_->queue_depth(); }
  int in_flight() const override { return device_->in_flight() + static_cast<int>(forgotten_.size()); }
  void Submit(IoRequest* request) override;
  void Cancel(IoRequest* request) override;
  absl::Status Poll(absl::Duration timeout) override;
  absl::Status Close() override;

 private:
  std::unique_ptr<Device> device_;
  std::deque<IoRequest*> forgotten_;  // submitted, and not reported yet
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_READ_ONLY_DEVICE_H_
