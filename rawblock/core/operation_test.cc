// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/operation.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(OperationTest, ReuseLeavesNothingOfTheCallBefore) {
  Operations operations;
  Operation* put = operations.Begin(Operation::Kind::kPut);
  put->key = "key";
  put->payload_bytes = 7;
  put->put_options.replace = true;
  put->outcome = PutOutcome::kAlreadyStored;
  put->room.evictions = 3;
  put->awaited = Lsn(9);
  put->put_done = [](const absl::StatusOr<PutOutcome>& outcome) {
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(*outcome, PutOutcome::kAlreadyStored);
  };
  operations.Complete(put, absl::OkStatus());
  operations.RunCompleted();
  operations.CheckInvariants();
  const Operation* next = operations.Begin(Operation::Kind::kGet);
  ASSERT_EQ(next, put);
  EXPECT_EQ(next->kind, Operation::Kind::kGet);
  EXPECT_TRUE(next->key.empty());
  EXPECT_EQ(next->payload_bytes, 0u);
  EXPECT_FALSE(next->put_options.replace);
  EXPECT_EQ(next->outcome, PutOutcome::kStored);
  EXPECT_EQ(next->room.evictions, 0);
  EXPECT_EQ(next->awaited, Lsn());
}

TEST(OperationTest, CallbacksRunInTheOrderOfCompletionAndMayBeginAnother) {
  Operations operations;
  std::vector<int> order;
  Operation* first = operations.Begin(Operation::Kind::kFlush);
  Operation* second = operations.Begin(Operation::Kind::kFlush);
  first->done = [&](const absl::Status& status) {
    EXPECT_TRUE(absl::IsNotFound(status));
    order.push_back(1);
  };
  second->done = [&](const absl::Status&) {
    order.push_back(2);
    Operation* third = operations.Begin(Operation::Kind::kFlush);
    third->done = [&](const absl::Status&) { order.push_back(3); };
    operations.Complete(third, absl::OkStatus());
  };
  operations.Complete(second, absl::OkStatus());
  operations.Complete(first, absl::NotFoundError(""));
  operations.RunCompleted();
  EXPECT_EQ(order, (std::vector<int>{2, 1}));
  EXPECT_EQ(operations.under_way(), 1u);
  operations.RunCompleted();
  EXPECT_EQ(order, (std::vector<int>{2, 1, 3}));
  EXPECT_EQ(operations.under_way(), 0u);
}

// Runs `rounds` of `at_once` operations each.
void Work(Operations* operations, size_t rounds, size_t at_once) {
  for (size_t round = 0; round < rounds; ++round) {
    std::vector<Operation*> begun;
    for (size_t i = 0; i < at_once; ++i) {
      begun.push_back(operations->Begin(Operation::Kind::kFlush));
      begun.back()->done = [](const absl::Status&) {};
    }
    for (Operation* operation : begun) operations->Complete(operation, absl::OkStatus());
    operations->RunCompleted();
  }
}

TEST(OperationTest, WhatABurstTookIsGivenBackBySmallerWork) {
  Operations operations;
  Work(&operations, 1, 60'000);
  EXPECT_EQ(operations.under_way(), 0u);
  Work(&operations, 4 * Operations::kPeriod / 32, 32);
  EXPECT_EQ(operations.held(), Operations::kIdleKept);
  operations.CheckInvariants();
}

TEST(OperationTest, WhileABurstEndsItsMemoryFollows) {
  Operations operations;
  std::vector<Operation*> begun;
  for (size_t i = 0; i < 60'000; ++i) {
    begun.push_back(operations.Begin(Operation::Kind::kFlush));
    begun.back()->done = [](const absl::Status&) {};
  }
  while (!begun.empty()) {
    for (size_t i = 0; i < 60; ++i) {
      operations.Complete(begun.back(), absl::OkStatus());
      begun.pop_back();
    }
    operations.RunCompleted();
  }
  EXPECT_LE(operations.held(), 3 * Operations::kPeriod);
  operations.CheckInvariants();
}

TEST(OperationTest, SteadyWorkAndItsWavesAllocateNothing) {
  Operations operations;
  Work(&operations, 10, 3000);
  const size_t held = operations.held();
  EXPECT_EQ(held, 3000u);
  for (int wave = 0; wave < 20; ++wave) {
    Work(&operations, 1, 3000);
    EXPECT_EQ(operations.held(), held);
    Work(&operations, 10, 30);
    EXPECT_EQ(operations.held(), held);
  }
}

}  // namespace
}  // namespace slotwise
