// SPDX-License-Identifier: Apache-2.0
#include "iouring/flush_latch.h"

#include <cerrno>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "iouring/device.h"
#include "iouring/system/errno_status.h"

namespace slotwise {
namespace {

absl::Status Settled(FlushLatch* latch, IoRequest::Op op, absl::Status status) {
  IoRequest request;
  request.op = op;
  request.status = status;
  latch->Settle(&request);
  return request.status;
}

TEST(FlushLatchTest, TheFirstFailureStaysForEveryLaterFlush) {
  FlushLatch latch(/*page_cache=*/false);
  const absl::Status first = absl::DataLossError("first");
  EXPECT_TRUE(Settled(&latch, IoRequest::Op::kFlush, absl::OkStatus()).ok());
  EXPECT_EQ(Settled(&latch, IoRequest::Op::kFlush, first), first);
  EXPECT_EQ(Settled(&latch, IoRequest::Op::kFlush, absl::OkStatus()), first);
  EXPECT_EQ(Settled(&latch, IoRequest::Op::kFlush, absl::InternalError("second")), first);
}

TEST(FlushLatchTest, OnlyFlushesCount) {
  FlushLatch latch(/*page_cache=*/false);
  const absl::Status failure = absl::DataLossError("a bad sector");
  EXPECT_EQ(Settled(&latch, IoRequest::Op::kWrite, failure), failure);
  EXPECT_TRUE(Settled(&latch, IoRequest::Op::kFlush, absl::OkStatus()).ok());
  EXPECT_EQ(Settled(&latch, IoRequest::Op::kFlush, failure), failure);
  EXPECT_TRUE(Settled(&latch, IoRequest::Op::kRead, absl::OkStatus()).ok());
}

TEST(FlushLatchTest, WhatDidNotComeToPassDoesNotStick) {
  for (const int error : {EAGAIN, ECANCELED, EINTR, ENOMEM}) {
    FlushLatch latch(/*page_cache=*/false);
    EXPECT_TRUE(IsTransient(Settled(&latch, IoRequest::Op::kFlush, ErrnoStatus(error, "flush")))) << error;
    EXPECT_TRUE(Settled(&latch, IoRequest::Op::kFlush, absl::OkStatus()).ok()) << error;
  }
  FlushLatch latch(/*page_cache=*/true);
  EXPECT_TRUE(absl::IsCancelled(Settled(&latch, IoRequest::Op::kFlush, absl::CancelledError("given up"))));
  EXPECT_TRUE(Settled(&latch, IoRequest::Op::kFlush, absl::OkStatus()).ok());
}

TEST(FlushLatchTest, LostBytesStick) {
  for (const int error : {EIO, ENOSPC, EDQUOT, ENODEV}) {
    FlushLatch latch(/*page_cache=*/false);
    const absl::Status failure = ErrnoStatus(error, "flush");
    EXPECT_EQ(Settled(&latch, IoRequest::Op::kFlush, failure), failure);
    EXPECT_EQ(Settled(&latch, IoRequest::Op::kFlush, absl::OkStatus()), failure);
  }
}

TEST(FlushLatchTest, APageCacheForgetsAfterAnyFailure) {
  FlushLatch latch(/*page_cache=*/true);
  const absl::Status failure = ErrnoStatus(ENOMEM, "flush");
  EXPECT_EQ(Settled(&latch, IoRequest::Op::kFlush, failure), failure);
  EXPECT_EQ(Settled(&latch, IoRequest::Op::kFlush, absl::OkStatus()), failure);
}

}  // namespace
}  // namespace slotwise
