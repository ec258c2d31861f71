// SPDX-License-Identifier: Apache-2.0
#include "iouring/system/errno_status.h"

#include <cerrno>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;

TEST(ErrnoStatusTest, KeepsWhatAndNameAndNumber) {
  EXPECT_EQ(ErrnoStatus(EIO, "read of x").message(), "read of x: Input/output error (EIO, errno 5)");
}

TEST(ErrnoStatusTest, NamesNumbersThatTheLibraryDoesNotKnow) {
  EXPECT_THAT(std::string(ErrnoStatus(4000, "read of x").message()), HasSubstr("errno 4000"));
}

TEST(ErrnoStatusTest, MediaErrorsAreDataLoss) {
  for (const int error : {EIO, EREMOTEIO, EILSEQ, EBADMSG, EUCLEAN, ENODATA}) {
    EXPECT_TRUE(absl::IsDataLoss(ErrnoStatus(error, ""))) << error;
  }
}

TEST(ErrnoStatusTest, OnlyAMissingPathIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(ErrnoStatus(ENOENT, "")));
  EXPECT_TRUE(absl::IsUnavailable(ErrnoStatus(ENODEV, "")));
  EXPECT_TRUE(absl::IsUnavailable(ErrnoStatus(ENXIO, "")));
}

// A full disk, a bad sector, or a device that has gone, do not mend themselves.
TEST(ErrnoStatusTest, TellsWhatMaySucceedWhenItIsTriedAgain) {
  const std::set<int> transient = {EAGAIN, EBUSY, ECANCELED, EINTR, ENOBUFS, ENOMEM, ETIME, ETIMEDOUT};
  for (int error = 1; error < 4096; ++error) {
    EXPECT_EQ(IsTransient(error), transient.contains(error)) << error;
    EXPECT_EQ(IsTransient(ErrnoStatus(error, "")), transient.contains(error)) << error;
  }
  EXPECT_FALSE(IsTransient(absl::OkStatus()));
  EXPECT_FALSE(IsTransient(absl::CancelledError("given up")));
}

TEST(ErrnoStatusTest, NoErrnoIsOk) {
  for (int error = 1; error < 4096; ++error) EXPECT_FALSE(ErrnoStatus(error, "").ok()) << error;
}

}  // namespace
}  // namespace slotwise
