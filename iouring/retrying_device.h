// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_RETRYING_DEVICE_H_
#define SLOTWISE_IOURING_RETRYING_DEVICE_H_

#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "iouring/device.h"

namespace slotwise {

// Tries again what may succeed another time, so that a moment without memory or a path that fails over costs time and
// nothing else:
//
//   a transfer ends with            | is submitted again
//   --------------------------------+-----------------------------------------------------------
//   IsTransient                     | after 1, 2, 4 ... kPauseMax, until kRetryFor has passed
//   a medium error (kDataLoss)      | once and at once, if it is a read
//   anything else                   | never
//
// One that was cancelled is not tried again.
// Closing and destroying leave the device beneath as it is. One thread.
class RetryingDevice final : public Device {
 public:
  using Now = absl::AnyInvocable<absl::Time()>;
  using Sleep = absl::AnyInvocable<void(absl::Duration)>;

  // `device` is borrowed. `now` never goes backwards; `sleep` blocks.
  RetryingDevice(Device* device, Now now, Sleep sleep)
      : device_(device), now_(std::move(now)), sleep_(std::move(sleep)) {}

  uint64_t size() const override { return device_->size(); }
  uint32_t alignment() const override { return device_->alignment(); }
  int queue_depth() const override { return device_->queue_depth(); }
  int in_flight() const override { return device_->in_flight() + static_cast<int>(waiting_.size()); }
  void Submit(IoRequest* request) override;
  void Cancel(IoRequest* request) override;
  absl::Status Poll(absl::Duration timeout) override;
  absl::Status Close() override;

  static constexpr absl::Duration kPauseMin = absl::Milliseconds(1);
  static constexpr absl::Duration kPauseMax = absl::Milliseconds(100);
  static constexpr absl::Duration kRetryFor = absl::Seconds(10);

 private:
  static void Ended(IoRequest* request);
  // Whether it is to be tried again; then it is in waiting_.
  bool Retry(IoRequest* request);
  void SubmitWaiting();

  Device* const device_;
  Now now_;
  Sleep sleep_;
  std::vector<IoRequest*> waiting_;  // to be submitted again
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_RETRYING_DEVICE_H_
