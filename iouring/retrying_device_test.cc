// SPDX-License-Identifier: Apache-2.0
#include "iouring/retrying_device.h"

#include <cerrno>
#include <deque>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "iouring/system/errno_status.h"

namespace slotwise {
namespace {

// Ends every request at the next Poll, with the results it was given.
class ScriptedDevice final : public Device {
 public:
  uint64_t size() const override { return 1 << 20; }
  uint32_t alignment() const override { return 4096; }
  int queue_depth() const override { return 8; }
  int in_flight() const override { return static_cast<int>(queue_.size()); }
  void Submit(IoRequest* request) override {
    ++submitted;
    queue_.push_back(request);
  }
  void Cancel(IoRequest* /*request*/) override { ++cancelled; }
  absl::Status Poll(absl::Duration /*timeout*/) override {
    for (IoRequest* request : std::exchange(queue_, {})) {
      request->status = results.empty() ? absl::OkStatus() : results.front();
      if (!results.empty()) results.pop_front();
      request->done(request);
    }
    return absl::OkStatus();
  }
  absl::Status Close() override { return absl::OkStatus(); }

  std::deque<absl::Status> results;  // of those to come; then OK
  int submitted = 0;
  int cancelled = 0;

 private:
  std::vector<IoRequest*> queue_;
};

class RetryingDeviceTest : public ::testing::Test {
 protected:
  struct Request : IoRequest {
    int ends = 0;
  };
  void Submit(IoRequest::Op op) {
    request_.op = op;
    request_.done = [](IoRequest* request) { ++static_cast<Request*>(request)->ends; };
    device_.Submit(&request_);
  }
  // Until it has ended.
  const absl::Status& Run(IoRequest::Op op) {
    Submit(op);
    while (device_.in_flight() > 0) EXPECT_EQ(device_.Poll(absl::InfiniteDuration()), absl::OkStatus());
    EXPECT_EQ(request_.ends, 1);
    return request_.status;
  }
  void Fail(int error, int times) {
    beneath_.results.insert(beneath_.results.end(), times, ErrnoStatus(error, "test"));
  }

  ScriptedDevice beneath_;
  absl::Time now_;
  RetryingDevice device_{&beneath_, [this] { return now_; }, [this](absl::Duration pause) { now_ += pause; }};
  Request request_;
};

TEST_F(RetryingDeviceTest, WhatSucceedsIsDoneOnce) {
  EXPECT_EQ(Run(IoRequest::Op::kWrite), absl::OkStatus());
  EXPECT_EQ(beneath_.submitted, 1);
}

TEST_F(RetryingDeviceTest, WhatFailsForAMomentSucceedsWhateverItIs) {
  for (const int error : {EAGAIN, EBUSY, EINTR, ENOMEM, ECANCELED, ETIMEDOUT}) {
    for (const auto op : {IoRequest::Op::kRead, IoRequest::Op::kWrite, IoRequest::Op::kFlush}) {
      request_ = {};
      beneath_.submitted = 0;
      Fail(error, 5);
      EXPECT_EQ(Run(op), absl::OkStatus()) << error;
      EXPECT_EQ(beneath_.submitted, 6);
    }
  }
}

TEST_F(RetryingDeviceTest, PausesGrowAndEnd) {
  const absl::Time began = now_;
  Fail(ENOMEM, 100000);
  EXPECT_TRUE(IsTransient(Run(IoRequest::Op::kWrite)));
  EXPECT_LE(now_ - began, RetryingDevice::kRetryFor);
  EXPECT_GE(now_ - began, RetryingDevice::kRetryFor - RetryingDevice::kPauseMax);
  EXPECT_LT(beneath_.submitted, 120);
}

TEST_F(RetryingDeviceTest, AMediumErrorOfAReadIsReadOnceMore) {
  Fail(EIO, 1);
  EXPECT_EQ(Run(IoRequest::Op::kRead), absl::OkStatus());
  request_ = {};
  Fail(EIO, 2);
  EXPECT_TRUE(absl::IsDataLoss(Run(IoRequest::Op::kRead)));
  EXPECT_EQ(beneath_.submitted, 4);
}

TEST_F(RetryingDeviceTest, AReadThatFailsInBothWaysIsTriedOn) {
  Fail(EIO, 1);
  Fail(ENOMEM, 3);
  EXPECT_EQ(Run(IoRequest::Op::kRead), absl::OkStatus());
}

TEST_F(RetryingDeviceTest, OtherFailuresStay) {
  for (const int error : {EIO, ENOSPC, ENODEV, EROFS, EINVAL}) {
    request_ = {};
    beneath_.submitted = 0;
    Fail(error, 1);
    EXPECT_FALSE(Run(IoRequest::Op::kWrite).ok()) << error;
    EXPECT_EQ(beneath_.submitted, 1);
  }
}

TEST_F(RetryingDeviceTest, WhatIsCancelledIsNotTriedAgain) {
  Fail(ENOMEM, 1);
  Submit(IoRequest::Op::kRead);
  device_.Cancel(&request_);
  EXPECT_EQ(beneath_.cancelled, 1);
  EXPECT_EQ(device_.Poll(absl::ZeroDuration()), absl::OkStatus());
  EXPECT_EQ(request_.ends, 1);
  EXPECT_TRUE(IsTransient(request_.status));
}

TEST_F(RetryingDeviceTest, WhatWaitsForAnotherTryCanBeCancelled) {
  Fail(ENOMEM, 2);
  Submit(IoRequest::Op::kRead);
  EXPECT_EQ(device_.Poll(absl::ZeroDuration()), absl::OkStatus());
  EXPECT_EQ(request_.ends, 0);
  device_.Cancel(&request_);
  EXPECT_EQ(device_.Poll(absl::ZeroDuration()), absl::OkStatus());
  EXPECT_EQ(request_.ends, 1);
}

TEST_F(RetryingDeviceTest, TimePassesThoughTheCallerDoesNotWait) {
  Fail(ENOMEM, 3);
  Submit(IoRequest::Op::kFlush);
  for (int polls = 0; device_.in_flight() > 0; ++polls) {
    ASSERT_LT(polls, 10000);
    EXPECT_EQ(device_.Poll(absl::ZeroDuration()), absl::OkStatus());
  }
  EXPECT_EQ(request_.status, absl::OkStatus());
}

}  // namespace
}  // namespace slotwise
