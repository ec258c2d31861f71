// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/early_answers.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

constexpr absl::Time kStart = absl::UnixEpoch();

absl::Time At(int milliseconds) { return kStart + absl::Milliseconds(milliseconds); }

TEST(EarlyAnswersTest, TheOldestIsTheFirstThatIsNotDurable) {
  EarlyAnswers answers(absl::ZeroDuration());
  EXPECT_EQ(answers.oldest(), absl::InfiniteFuture());
  answers.Give(Lsn(3));
  answers.Advance(At(1), Lsn(1));
  answers.Give(Lsn(5));
  answers.Advance(At(2), Lsn(1));
  EXPECT_EQ(answers.oldest(), At(1));
  answers.Advance(At(3), Lsn(2));
  EXPECT_EQ(answers.oldest(), At(1)) << "a part of it is durable";
  answers.Advance(At(4), Lsn(3));
  EXPECT_EQ(answers.oldest(), At(2));
  answers.Advance(At(5), Lsn(9));
  EXPECT_EQ(answers.oldest(), absl::InfiniteFuture());
}

TEST(EarlyAnswersTest, WhatIsDurableWhenItIsAnsweredIsNotEarly) {
  EarlyAnswers answers(absl::ZeroDuration());
  answers.Give(Lsn(3));
  answers.Advance(At(1), Lsn(3));
  EXPECT_EQ(answers.oldest(), absl::InfiniteFuture());
}

TEST(EarlyAnswersTest, ManyTakeNoMoreThanTheirTimesApart) {
  EarlyAnswers answers(absl::Milliseconds(10));
  for (int i = 0; i < 10'000; ++i) {
    answers.Give(Lsn(static_cast<uint64_t>(i) + 2));
    answers.Advance(kStart + absl::Microseconds(10 * i), Lsn(1));
  }
  EXPECT_EQ(answers.size(), 10u);
  EXPECT_EQ(answers.oldest(), kStart);
  answers.Advance(At(100), Lsn(5'002));
  EXPECT_LE(answers.oldest(), At(50)) << "never younger than it is";
  EXPECT_GE(answers.oldest(), At(40));
}

}  // namespace
}  // namespace slotwise
