// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/payload_transfer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "rawblock/testing/memory_device.h"

namespace slotwise {
namespace {

constexpr size_t kBlock = 4096;

class PayloadTransferTest : public ::testing::Test {
 protected:
  PayloadTransferTest() : device_(64 * kBlock), memory_(16 * kBlock, kBlock) {
    layout_.block_bytes = kBlock;
    layout_.data_offset = 4 * kBlock;
    placement_.Append(Extent(BlockIndex(8), BlockCount(2)));
    placement_.Append(Extent(BlockIndex(2), BlockCount(3)));
  }
  // Moves `bytes` between memory_ and the placement, with `room` for a read.
  absl::Status Move(IoRequest::Op op, size_t bytes, size_t room) {
    int done = 0;
    transfer_.Start(op, layout_, placement_, memory_.span().first(bytes), room, &device_, [&done] { ++done; });
    while (device_.in_flight() > 0) EXPECT_EQ(device_.Poll(absl::InfiniteDuration()), absl::OkStatus());
    EXPECT_EQ(done, 1);
    return transfer_.status();
  }
  void FillMemory(uint8_t value) { std::fill(memory_.span().begin(), memory_.span().end(), std::byte{value}); }
  std::byte OnDevice(size_t block, size_t byte) { return device_.bytes()[(4 + block) * kBlock + byte]; }

  MemoryDevice device_;
  AlignedBuffer memory_;
  Layout layout_;
  Placement placement_;  // five blocks: 8, 9, 2, 3, 4
  PayloadTransfer transfer_;
};

TEST_F(PayloadTransferTest, WritesTheExtentsInTheirOrderAndZerosBehind) {
  FillMemory(3);
  ASSERT_EQ(Move(IoRequest::Op::kWrite, 3 * kBlock + 20, 3 * kBlock + 20), absl::OkStatus());
  FillMemory(1);
  memory_.span()[2 * kBlock] = std::byte{2};  // the first byte of the second extent
  EXPECT_EQ(Move(IoRequest::Op::kWrite, 3 * kBlock + 10, 3 * kBlock + 10), absl::OkStatus());
  EXPECT_EQ(OnDevice(8, 0), std::byte{1});
  EXPECT_EQ(OnDevice(9, kBlock - 1), std::byte{1});
  EXPECT_EQ(OnDevice(2, 0), std::byte{2});
  EXPECT_EQ(OnDevice(3, 9), std::byte{1});
  EXPECT_EQ(OnDevice(3, 10), std::byte{0});
  EXPECT_EQ(OnDevice(4, 0), std::byte{0});
  EXPECT_EQ(transfer_.device_bytes(), 4 * kBlock);
}

TEST_F(PayloadTransferTest, ReadsWhatWasWrittenAndNothingBehind) {
  for (const size_t bytes : {size_t{1}, kBlock, 2 * kBlock, 2 * kBlock + 1, 5 * kBlock - 1, 5 * kBlock}) {
    SCOPED_TRACE(bytes);
    FillMemory(1);
    ASSERT_EQ(Move(IoRequest::Op::kWrite, bytes, bytes), absl::OkStatus());
    FillMemory(9);
    ASSERT_EQ(Move(IoRequest::Op::kRead, bytes, bytes), absl::OkStatus());
    EXPECT_EQ(memory_.span()[0], std::byte{1});
    EXPECT_EQ(memory_.span()[bytes - 1], std::byte{1});
    EXPECT_EQ(memory_.span()[bytes], std::byte{9});
  }
}

TEST_F(PayloadTransferTest, AReadWithRoomTakesTheLastBlockInPlace) {
  FillMemory(1);
  ASSERT_EQ(Move(IoRequest::Op::kWrite, 10, 10), absl::OkStatus());
  FillMemory(9);
  ASSERT_EQ(Move(IoRequest::Op::kRead, 10, kBlock), absl::OkStatus());
  EXPECT_EQ(memory_.span()[9], std::byte{1});
  EXPECT_EQ(memory_.span()[10], std::byte{0});
  EXPECT_EQ(memory_.span()[kBlock], std::byte{9});
}

TEST_F(PayloadTransferTest, AFailedExtentFailsThePayloadWhenAllAreThrough) {
  device_.set_fault([](const IoRequest& request) {
    return request.offset == 12 * kBlock ? absl::DataLossError("EIO") : absl::OkStatus();
  });
  FillMemory(1);
  EXPECT_TRUE(absl::IsDataLoss(Move(IoRequest::Op::kWrite, 5 * kBlock, 5 * kBlock)));
  EXPECT_EQ(OnDevice(2, 0), std::byte{1});
  EXPECT_EQ(Move(IoRequest::Op::kWrite, kBlock, kBlock).code(), absl::StatusCode::kDataLoss);
  device_.set_fault(nullptr);
  EXPECT_EQ(Move(IoRequest::Op::kWrite, kBlock, kBlock), absl::OkStatus());
}

TEST_F(PayloadTransferTest, AfterAbandonNothingIsCopiedAndNobodyCalled) {
  FillMemory(1);
  ASSERT_EQ(Move(IoRequest::Op::kWrite, kBlock + 10, kBlock + 10), absl::OkStatus());
  FillMemory(2);
  bool called = false;
  transfer_.Start(IoRequest::Op::kRead, layout_, placement_, memory_.span().first(kBlock + 10), kBlock + 10, &device_,
                  [&called] { called = true; });
  transfer_.Abandon();
  while (device_.in_flight() > 0) EXPECT_EQ(device_.Poll(absl::InfiniteDuration()), absl::OkStatus());
  EXPECT_FALSE(called);
  EXPECT_EQ(memory_.span()[kBlock], std::byte{2}) << "the last block goes through a copy";
}

}  // namespace
}  // namespace slotwise
