// SPDX-License-Identifier: Apache-2.0
#include "iouring/retrying_device.h"

#include <algorithm>
#include <utility>

#include "iouring/system/errno_status.h"

namespace slotwise {

void RetryingDevice::Submit(IoRequest* request) {
  request->attempts = {.device = this, .done = request->done};
  request->done = &Ended;
  device_->Submit(request);
}

void RetryingDevice::Ended(IoRequest* request) {
  if (!request->status.ok() && request->attempts.device->Retry(request)) return;
  request->done = request->attempts.done;
  request->done(request);
}

bool RetryingDevice::Retry(IoRequest* request) {
  IoRequest::Attempts& attempts = request->attempts;
  if (attempts.cancelled) return false;
  const int failures = attempts.failures++;
  if (request->op == IoRequest::Op::kRead && absl::IsDataLoss(request->status)) {
    if (failures > 0) return false;
    attempts.again = absl::InfinitePast();
  } else if (IsTransient(request->status)) {
    const absl::Time now = now_();
    if (attempts.until == absl::InfinitePast()) attempts.until = now + kRetryFor;
    attempts.again = now + std::min(kPauseMax, kPauseMin * (1 << std::min(failures, 10)));
    if (attempts.again > attempts.until) return false;
  } else {
    return false;
  }
  waiting_.push_back(request);
  return true;
}

// One that waits is submitted once more, since only Poll may end it; the device gives it up before it begins.
void RetryingDevice::Cancel(IoRequest* request) {
  request->attempts.cancelled = true;
  if (std::erase(waiting_, request) > 0) device_->Submit(request);
  device_->Cancel(request);
}

absl::Status RetryingDevice::Poll(absl::Duration timeout) {
  if (waiting_.empty()) return device_->Poll(timeout);
  const auto first =
      std::ranges::min_element(waiting_, {}, [](const IoRequest* request) { return request->attempts.again; });
  const absl::Duration due = std::max((*first)->attempts.again - now_(), absl::ZeroDuration());
  timeout = std::min(timeout, due);
  // A device with nothing in flight does not wait, and a caller that polls on must not spin.
  if (device_->in_flight() == 0 && due > absl::ZeroDuration()) sleep_(std::max(timeout, kPauseMin / 100));
  SubmitWaiting();
  return device_->Poll(timeout);
}

void RetryingDevice::SubmitWaiting() {
  const absl::Time now = now_();
  std::vector<IoRequest*> later;
  for (IoRequest* request : std::exchange(waiting_, {})) {
    if (request->attempts.again <= now) {
      device_->Submit(request);
    } else {
      later.push_back(request);
    }
  }
  waiting_.insert(waiting_.end(), later.begin(), later.end());
}

absl::Status RetryingDevice::Close() {
  while (in_flight() > 0) {
    if (absl::Status polled = Poll(absl::InfiniteDuration()); !polled.ok()) return polled;
  }
  return absl::OkStatus();
}

}  // namespace slotwise
