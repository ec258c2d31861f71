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

}  // namespace
}  // namespace slotwise
