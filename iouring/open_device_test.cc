// SPDX-License-Identifier: Apache-2.0
#include "iouring/open_device.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/buffer_pool.h"
#include "iouring/create_file.h"
#include "iouring/uring_device.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// From here on io_uring_setup fails with `error` in this process.
void ForbidUring(unsigned error) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {.len = std::size(filter), .filter = filter};
  PCHECK(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  PCHECK(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

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

TEST_F(OpenDeviceDeathTest, FallsBackWhereUringIsForbiddenAndSaysSo) {
  for (const unsigned error : {EPERM, ENOSYS}) {
    EXPECT_EXIT(
        {
          ForbidUring(error);
          std::_Exit(FallsBack(path_) ? 0 : 1);
        },
        testing::ExitedWithCode(0), "cannot set up io_uring.*seccomp.*using preadv and pwritev instead");
  }
}

TEST_F(OpenDeviceDeathTest, DoesNotFallBackWhenPollingIsAskedFor) {
  EXPECT_EXIT(
      {
        ForbidUring(EPERM);
        std::_Exit(absl::IsPermissionDenied(OpenDevice(path_, {.sqpoll = true}).status()) ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST_F(OpenDeviceDeathTest, DoesNotFallBackWhenUringIsAskedFor) {
  EXPECT_EXIT(
      {
        ForbidUring(EPERM);
        const absl::StatusOr<OpenedDevice> opened = OpenDevice(path_, {.io_engine = IoEngine::kUring});
        std::cerr << opened.status() << std::endl;
        std::_Exit(absl::IsPermissionDenied(opened.status()) ? 0 : 1);
      },
      testing::ExitedWithCode(0), "cannot set up io_uring");
}

TEST_F(OpenDeviceDeathTest, DoesNotFallBackFromOtherErrors) {
  EXPECT_EXIT(
      {
        ForbidUring(EMFILE);
        std::_Exit(absl::IsResourceExhausted(OpenDevice(path_, {}).status()) ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace slotwise
