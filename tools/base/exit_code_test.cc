// SPDX-License-Identifier: Apache-2.0
#include "tools/base/exit_code.h"

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(ExitCodeTest, TellsBadInputFromFailure) {
  EXPECT_EQ(ExitCodeOf(absl::OkStatus()), ExitCode::kDone);
  EXPECT_EQ(ExitCodeOf(absl::InvalidArgumentError("")), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeOf(absl::NotFoundError("")), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeOf(absl::FailedPreconditionError("")), ExitCode::kUsage);
  EXPECT_EQ(ExitCodeOf(absl::DataLossError("")), ExitCode::kFailed);
  EXPECT_EQ(ExitCodeOf(absl::InternalError("")), ExitCode::kFailed);
}

TEST(ExitCodeTest, FailPrintsTheMessage) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(Fail(absl::DataLossError("it broke")), ExitCode::kFailed);
  EXPECT_EQ(Fail(absl::NotFoundError("gone"), ExitCode::kFailed), ExitCode::kFailed);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "slotwise: it broke\nslotwise: gone\n");
}

}  // namespace
}  // namespace slotwise
