// SPDX-License-Identifier: Apache-2.0
#include "rawblock/disk/session.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "gtest/gtest.h"
#include "rawblock/disk/format.h"
#include "rawblock/testing/log_store.h"

namespace slotwise {
namespace {

constexpr uint64_t kBlock = LogStore::kBlock;
constexpr uint64_t kRing = 1 << 20;
constexpr Session kExample{
    .epoch = 3, .number = 77, .recovered_end = Lsn(5), .first_lsn = Lsn(1 << 20), .first_position = 8 * kBlock};

class SessionTest : public ::testing::Test {
 protected:
  std::span<std::byte> Copy(uint64_t copy) { return store_.device()->bytes().subspan(SessionOffset(copy), kBlock); }
  Session Last() { return ReadLastSession(store_.device(), store_.header()).value(); }
  LogStore store_;
};

TEST_F(SessionTest, BeforeTheFirstThereIsNone) { EXPECT_EQ(Last(), Session()); }

TEST_F(SessionTest, IsReadAsWrittenFromEitherCopy) {
  for (const uint64_t copy : {0, 1}) {
    ASSERT_EQ(WriteSession(store_.device(), store_.header(), kExample), absl::OkStatus());
    EXPECT_EQ(Last(), kExample);
    std::ranges::fill(Copy(copy), std::byte{0xff});
    EXPECT_EQ(Last(), kExample);
    store_.FailReadsAt(SessionOffset(copy));
    EXPECT_EQ(Last(), kExample);
    store_.FailAt(0, 0);
  }
}

TEST_F(SessionTest, CopiesAreFlushedOneAfterTheOther) {
  ASSERT_EQ(WriteSession(store_.device(), store_.header(), kExample), absl::OkStatus());
  EXPECT_EQ(store_.operations(), "wfwf");
}

TEST_F(SessionTest, TheHigherEpochCounts) {
  Session later = kExample;
  ++later.epoch;
  for (const uint64_t copy : {0, 1}) {
    EncodeSession(store_.header(), later, Copy(copy));
    EncodeSession(store_.header(), kExample, Copy(1 - copy));
    EXPECT_EQ(Last(), later);
  }
}

TEST_F(SessionTest, APositionWithinABlockIsNone) {
  Session odd = kExample;
  ++odd.first_position;
  EncodeSession(store_.header(), odd, Copy(0));
  EXPECT_EQ(Last(), Session());
}

TEST_F(SessionTest, WhatCannotBeWrittenOrFlushedIsToldOf) {
  for (const char operation : {'w', 'f'}) {
    store_.FailAll(operation);
    EXPECT_TRUE(absl::IsDataLoss(WriteSession(store_.device(), store_.header(), kExample))) << operation;
  }
}

TEST_F(SessionTest, OfTwoOfOneEpochNobodyKnowsWhoseTheStoreIs) {
  Session other = kExample;
  ++other.number;
  EncodeSession(store_.header(), kExample, Copy(0));
  EncodeSession(store_.header(), other, Copy(1));
  EXPECT_EQ(Last().epoch, kExample.epoch);
  EXPECT_EQ(Last().number, 0u);
  EXPECT_FALSE(Last().Late(kExample.number, kExample.first_lsn));
  EXPECT_FALSE(Last().Late(other.number, kExample.first_lsn));
  EXPECT_TRUE(Last().Late(other.number, kExample.recovered_end));
}

TEST_F(SessionTest, EveryBitCounts) {
  EncodeSession(store_.header(), kExample, Copy(0));
  for (size_t bit = 0; bit < sizeof(format::SessionBlock) * 8; ++bit) {
    Copy(0)[bit / 8] ^= std::byte{1} << bit % 8;
    EXPECT_EQ(Last(), Session()) << "bit " << bit;
    Copy(0)[bit / 8] ^= std::byte{1} << bit % 8;
  }
  EXPECT_EQ(Last(), kExample);
}

TEST_F(SessionTest, AnotherStoresIsNone) {
  EncodeSession(store_.header(), kExample, Copy(0));
  StoreHeader other = store_.header();
  ++other.salt;
  EXPECT_EQ(ReadLastSession(store_.device(), other).value(), Session());
}

// The dead session's group is of up to the largest size, where the journal ended or, if it did not fit the lap, at the
// start of the next.
TEST(SessionPositionTest, LiesBehindWhatADeadSessionMayHaveUnderWay) {
  for (uint64_t end = 0; end < 3 * kRing; end += kBlock) {
    const uint64_t position = NextSessionPosition(end, {}, kRing);
    for (uint64_t bytes = kBlock; bytes <= format::kGroupBytesMax; bytes += kBlock) {
      const uint64_t left = kRing - end % kRing;
      const uint64_t dead = bytes <= left ? end : end + left;
      ASSERT_GE(position, dead + bytes) << end << " " << bytes;
    }
    ASSERT_LE(position % kRing + format::kGroupBytesMax, kRing) << "the first group would wrap";
    ASSERT_LE(position - end, 3 * format::kGroupBytesMax);
  }
}

TEST(SessionPositionTest, LiesBehindASessionThatLeftNothing) {
  const Session last{.epoch = 1, .first_position = 2 * format::kGroupBytesMax};
  EXPECT_GE(NextSessionPosition(0, last, 8 * kRing), 3 * format::kGroupBytesMax);
}

TEST(SessionLsnTest, IsNeverUsedTwice) {
  EXPECT_EQ(NextSessionLsn(Lsn(1), {}), Lsn(format::kSessionLsns));
  EXPECT_EQ(NextSessionLsn(Lsn(format::kSessionLsns), {}), Lsn(2 * format::kSessionLsns));
  EXPECT_EQ(NextSessionLsn(Lsn(1), {.epoch = 1, .first_lsn = Lsn(3 * format::kSessionLsns)}),
            Lsn(4 * format::kSessionLsns));
}

TEST(SessionLateTest, IsWhatWasWrittenBehindItsBack) {
  const Session session{.epoch = 2, .number = 8, .recovered_end = Lsn(100), .first_lsn = Lsn(format::kSessionLsns)};
  EXPECT_FALSE(session.Late(7, Lsn(99)));
  EXPECT_TRUE(session.Late(7, Lsn(100)));
  EXPECT_TRUE(session.Late(7, Lsn(format::kSessionLsns - 1)));
  EXPECT_FALSE(session.Late(8, Lsn(format::kSessionLsns)));
  EXPECT_TRUE(session.Late(7, Lsn(format::kSessionLsns)));  // opened at the same moment
  EXPECT_FALSE(session.Late(9, Lsn(2 * format::kSessionLsns)));
  EXPECT_FALSE(Session().Late(7, Lsn(100)));
}

}  // namespace
}  // namespace slotwise
