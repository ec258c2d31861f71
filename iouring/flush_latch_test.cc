// SPDX-License-Identifier: Apache-2.0
#include "iouring/flush_latch.h"

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "iouring/device.h"

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
  FlushLatch latch;
  const absl::Status first = absl::DataLossError("first");
  EXPECT_TRUE(Settled(&latch, IoRequest::Op::kFlush, absl::OkStatus()).ok());
  EXPECT_EQ(Settled(&latch, IoRequest::Op::kFlush, first), first);
  EXPECT_EQ(Settled(&latch, IoRequest::Op::kFlush, absl::OkStatus()), first);
  EXPECT_EQ(Settled(&latch, IoRequest::Op::kFlush, absl::InternalError("second")), first);
}

TEST(FlushLatchTest, OnlyFlushesCount) {
  FlushLatch latch;
  const absl::Status failure = absl::DataLossError("a bad sector");
  EXPECT_EQ(Settled(&latch, IoRequest::Op::kWrite, failure), failure);
  EXPECT_TRUE(Settled(&latch, IoRequest::Op::kFlush, absl::OkStatus()).ok());
  EXPECT_EQ(Settled(&latch, IoRequest::Op::kFlush, failure), failure);
  EXPECT_TRUE(Settled(&latch, IoRequest::Op::kRead, absl::OkStatus()).ok());
}

}  // namespace
}  // namespace slotwise
