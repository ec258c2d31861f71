// SPDX-License-Identifier: Apache-2.0
#include "iouring/open_device.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/buffer_pool.h"
#include "iouring/create_file.h"
#include "iouring/device_file.h"
#include "iouring/testing/child_process.h"
#include "iouring/uring_device.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class OpenDeviceTest : public testing::Test {
 protected:
  void SetUp() override {
    ::unlink(path_.c_str());
    ASSERT_TRUE(CreateFile(path_, 1 << 20).ok());
  }
  void TearDown() override { ::unlink(path_.c_str()); }

  std::string path_ = testing::TempDir() + "/open_device_test";
};

using OpenDeviceDeathTest = OpenDeviceTest;

TEST_F(OpenDeviceTest, PrefersUring) {
  if (const absl::Status uring = UringDevice::Available(); !uring.ok()) GTEST_SKIP() << "skipped: " << uring;
  const absl::StatusOr<OpenedDevice> opened = OpenDevice(path_, {.queue_depth = 5});
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->io_engine, IoEngine::kUring);
  EXPECT_EQ(opened->uring, opened->device.get());
  EXPECT_EQ(opened->device->queue_depth(), 5);
  EXPECT_EQ(opened->geometry.size, 1u << 20);
  EXPECT_EQ(opened->device->size(), 1u << 20);
}

TEST_F(OpenDeviceTest, TakesTheFileEngineWhenAsked) {
  const absl::StatusOr<OpenedDevice> opened = OpenDevice(path_, {.io_engine = IoEngine::kFile, .queue_depth = 5});
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->io_engine, IoEngine::kFile);
  EXPECT_EQ(opened->uring, nullptr);
  EXPECT_EQ(opened->device->queue_depth(), 5);
}

TEST_F(OpenDeviceTest, TheFileEngineDoesNotPoll) {
  const OpenDeviceOptions options{.io_engine = IoEngine::kFile, .sqpoll = true};
  EXPECT_TRUE(absl::IsInvalidArgument(OpenDevice(path_, options).status()));
}

TEST_F(OpenDeviceTest, SaysHowADeviceIsDriven) {
  if (const absl::Status uring = UringDevice::Available(); !uring.ok()) GTEST_SKIP() << "skipped: " << uring;
  testing::internal::CaptureStderr();
  absl::StatusOr<OpenedDevice> opened = OpenDevice(path_, {.file = {.buffered = true}, .sqpoll = true});
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("page cache"));
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(DescribeEngine(*opened), "io_uring, page cache");
  EXPECT_THAT(DescribeBuffers(*opened), StartsWith("may be registered"));
  const BufferClass classes[] = {{.bytes = 4096, .count = 1}};
  const std::unique_ptr<BufferPool> pool = *BufferPool::Create(classes, 4096);
  ASSERT_EQ(pool->Register(opened->uring), absl::OkStatus());
  EXPECT_EQ(DescribeBuffers(*opened), "registered");
  pool->Unregister(opened->uring);
}

TEST_F(OpenDeviceTest, PassesOnWhyAFileCannotBeOpened) {
  EXPECT_TRUE(absl::IsNotFound(OpenDevice(path_ + "_missing", {}).status()));
}

TEST_F(OpenDeviceTest, NamesItsEngines) {
  EXPECT_EQ(IoEngineName(IoEngine::kAuto), "auto");
  EXPECT_EQ(IoEngineName(IoEngine::kUring), "uring");
  EXPECT_EQ(IoEngineName(IoEngine::kFile), "file");
}

bool FallsBack(const std::string& path) {
  const absl::StatusOr<OpenedDevice> opened = OpenDevice(path, {});
  return opened.ok() && opened->io_engine == IoEngine::kFile &&
         DescribeEngine(*opened).starts_with("preadv and pwritev (cannot set up io_uring") &&
         DescribeBuffers(*opened).starts_with("not registered");
}

// As a whole, or one of its system calls.
TEST_F(OpenDeviceDeathTest, FallsBackWhereUringIsForbiddenAndSaysSo) {
  for (const long call : {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register}) {
    for (const int error : {EPERM, EACCES, ENOSYS}) {
      EXPECT_EXIT(
          {
            ForbidSystemCall(call, error);
            std::_Exit(FallsBack(path_) ? 0 : 1);
          },
          testing::ExitedWithCode(0), "cannot set up io_uring.*seccomp.*using preadv and pwritev instead");
    }
  }
}

// A deep queue takes more than the limit; kernels differ in whether they count it.
TEST_F(OpenDeviceTest, FallsBackWhereItMayNotLockTheMemoryOfARing) {
  const int code = InChild([this] {
    if (!LimitLockableMemory(64 << 10)) std::_Exit(kSkipped);
    const OpenDeviceOptions asked_for{.io_engine = IoEngine::kUring, .queue_depth = 4096};
    const absl::Status refused = OpenDevice(path_, asked_for).status();
    if (refused.ok()) std::_Exit(kSkipped);
    EXPECT_TRUE(absl::IsAborted(refused)) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr("RLIMIT_MEMLOCK"));
    testing::internal::CaptureStderr();
    const absl::StatusOr<OpenedDevice> opened = OpenDevice(path_, {.queue_depth = 4096});
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("RLIMIT_MEMLOCK"));
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(opened->io_engine, IoEngine::kFile);
    EXPECT_EQ(opened->device->Close(), absl::OkStatus());
  });
  if (code == kSkipped) GTEST_SKIP() << "skipped: this kernel does not count the memory of a ring, or has no io_uring";
  EXPECT_EQ(code, 0);
}

TEST_F(OpenDeviceDeathTest, DoesNotFallBackWhenPollingIsAskedFor) {
  EXPECT_EXIT(
      {
        ForbidSystemCall(SYS_io_uring_setup, EPERM);
        std::_Exit(absl::IsPermissionDenied(OpenDevice(path_, {.sqpoll = true}).status()) ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(OpenDeviceDeathTest, DoesNotFallBackWhenUringIsAskedFor) {
  EXPECT_EXIT(
      {
        ForbidSystemCall(SYS_io_uring_setup, EPERM);
        const absl::StatusOr<OpenedDevice> opened = OpenDevice(path_, {.io_engine = IoEngine::kUring});
        std::cerr << opened.status() << std::endl;
        std::_Exit(absl::IsPermissionDenied(opened.status()) ? 0 : 1);
      },
      testing::ExitedWithCode(0), "cannot set up io_uring");
}

TEST_F(OpenDeviceDeathTest, DoesNotFallBackFromOtherErrors) {
  EXPECT_EXIT(
      {
        ForbidSystemCall(SYS_io_uring_setup, EMFILE);
        std::_Exit(absl::IsResourceExhausted(OpenDevice(path_, {}).status()) ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace slotwise
