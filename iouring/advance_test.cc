// SPDX-License-Identifier: Apache-2.0
#include "iouring/advance.h"

#include <cerrno>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "iouring/system/errno_status.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

constexpr uint32_t kUnit = 4096;

TransferProgress Fresh(uint64_t length) { return {.length = length, .alignment = kUnit}; }

TEST(AdvanceTest, AWholeTransferIsDone) {
  TransferProgress progress = Fresh(2 * kUnit);
  EXPECT_EQ(Advance(2 * kUnit, 2 * kUnit, &progress).next, NextStep::kDone);
  EXPECT_EQ(progress.moved, 2 * kUnit);
}

TEST(AdvanceTest, APieceOfALargerTransferResumes) {
  TransferProgress progress = Fresh(3 * kUnit);
  EXPECT_EQ(Advance(2 * kUnit, 2 * kUnit, &progress).next, NextStep::kResume);
  EXPECT_EQ(Advance(kUnit, kUnit, &progress).next, NextStep::kDone);
}

TEST(AdvanceTest, AShortTransferResumesAtAWholeUnit) {
  TransferProgress progress = Fresh(3 * kUnit);
  EXPECT_EQ(Advance(3 * kUnit, kUnit + 17, &progress).next, NextStep::kResume);
  EXPECT_EQ(progress.moved, kUnit);
}

TEST(AdvanceTest, ZeroBytesAreTheEndOfTheDevice) {
  TransferProgress progress = Fresh(kUnit);
  const Advanced advanced = Advance(kUnit, 0, &progress);
  EXPECT_EQ(advanced.next, NextStep::kFailed);
  EXPECT_TRUE(absl::IsDataLoss(advanced.status));
}

TEST(AdvanceTest, ZeroBytesOfAFlushAreSuccess) {
  TransferProgress progress = Fresh(0);
  EXPECT_EQ(Advance(0, 0, &progress).next, NextStep::kDone);
}

TEST(AdvanceTest, PartsOfAUnitAreRetriedAFewTimesOnly) {
  TransferProgress progress = Fresh(kUnit);
  for (int retry = 0; retry < kRetriesMax; ++retry) {
    ASSERT_EQ(Advance(kUnit, kUnit - 1, &progress).next, NextStep::kResume);
  }
  EXPECT_TRUE(absl::IsDataLoss(Advance(kUnit, kUnit - 1, &progress).status));
}

TEST(AdvanceTest, TransientErrorsAreRetriedAFewTimesOnly) {
  for (const int error : {EINTR, EAGAIN, EBUSY}) {
    TransferProgress progress = Fresh(kUnit);
    for (int retry = 0; retry < kRetriesMax; ++retry) {
      ASSERT_EQ(Advance(kUnit, -error, &progress).next, NextStep::kResume);
    }
    const Advanced advanced = Advance(kUnit, -error, &progress);
    EXPECT_EQ(advanced.next, NextStep::kFailed);
    EXPECT_TRUE(IsTransient(advanced.status)) << advanced.status;
  }
}

// What needs a pause, or another way, is left to the caller.
TEST(AdvanceTest, WhatNeedsAPauseFailsAtOnceAsTransient) {
  for (const int error : {ENOMEM, ECANCELED, ETIMEDOUT}) {
    TransferProgress progress = Fresh(kUnit);
    const Advanced advanced = Advance(kUnit, -error, &progress);
    EXPECT_EQ(advanced.next, NextStep::kFailed);
    EXPECT_TRUE(IsTransient(advanced.status)) << advanced.status;
  }
}

TEST(AdvanceTest, BytesThatMoveForgiveEarlierRetries) {
  TransferProgress progress = Fresh(2 * kUnit);
  for (int retry = 0; retry < kRetriesMax; ++retry) Advance(2 * kUnit, -EINTR, &progress);
  ASSERT_EQ(Advance(2 * kUnit, kUnit, &progress).next, NextStep::kResume);
  EXPECT_EQ(Advance(kUnit, -EINTR, &progress).next, NextStep::kResume);
}

TEST(AdvanceTest, AFlushThatSucceedsForgivesEarlierRetries) {
  TransferProgress progress = Fresh(0);
  for (int retry = 0; retry < kRetriesMax; ++retry) Advance(0, -EINTR, &progress);
  ASSERT_EQ(Advance(0, 0, &progress).next, NextStep::kDone);
  EXPECT_EQ(Advance(0, -EINTR, &progress).next, NextStep::kResume);
}

TEST(AdvanceTest, OtherErrorsFailAtOnceUnderTheirCode) {
  TransferProgress progress = Fresh(kUnit);
  EXPECT_TRUE(absl::IsDataLoss(Advance(kUnit, -EIO, &progress).status));
  EXPECT_TRUE(absl::IsResourceExhausted(Advance(kUnit, -ENOSPC, &progress).status));
}

TEST(AdvanceTest, AnswersThatNoKernelGivesAreInternal) {
  TransferProgress progress = Fresh(kUnit);
  for (const int64_t result :
       {int64_t{kUnit} + 1, int64_t{-4096}, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()}) {
    EXPECT_TRUE(absl::IsInternal(Advance(kUnit, result, &progress).status)) << result;
  }
}

// The kernel moves a random part of what it is asked for, or stumbles. As long as it does not stumble too often in a
// row, everything moves, each byte once; and it never takes more steps than units and permitted stumbles.
RC_GTEST_PROP(AdvanceTest, EveryUnitMovesOnceInBoundedSteps, ()) {
  const uint64_t units = *rc::gen::inRange<uint64_t>(1, 40);
  const auto answers = *rc::gen::nonEmpty(rc::gen::arbitrary<std::vector<uint16_t>>());
  TransferProgress progress = Fresh(units * kUnit);
  uint64_t expected = 0;
  Advanced advanced{NextStep::kResume, absl::OkStatus()};
  for (uint64_t step = 0; advanced.next == NextStep::kResume; ++step) {
    RC_ASSERT(step <= units * (kRetriesMax + 1));
    const uint64_t asked = progress.length - progress.moved;
    const uint64_t answer = uint64_t{answers[step % answers.size()]} * 16 % (asked + 1);
    const bool stumbles = answer == 0;
    advanced = Advance(asked, stumbles ? int64_t{-EINTR} : static_cast<int64_t>(answer), &progress);
    expected += answer - answer % kUnit;
    RC_ASSERT(progress.moved == expected);
  }
  RC_ASSERT(advanced.status.ok() == (expected == progress.length));
}

}  // namespace
}  // namespace slotwise
