// SPDX-License-Identifier: Apache-2.0
// A device belongs to the process that opened it: what its forks may do to it, and where its descriptors lie.
#include <fcntl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/buffer_pool.h"
#include "iouring/create_file.h"
#include "iouring/device.h"
#include "iouring/device_file.h"
#include "iouring/open_device.h"
#include "iouring/testing/child_process.h"
#include "iouring/uring_device.h"
#include "slotwise/unique_fd.h"
#include "slotwise/waker.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;

constexpr size_t kUnit = 4096;
constexpr size_t kUnits = 16;
const DeviceFileOptions kAtOnce{.claim_wait = absl::ZeroDuration()};

class ProcessTest : public testing::TestWithParam<IoEngine> {
 protected:
  void SetUp() override {
    const absl::Status uring = UringDevice::Available();
    if (GetParam() == IoEngine::kUring && !uring.ok()) GTEST_SKIP() << "skipped: " << uring;
    ::unlink(path_.c_str());
    ASSERT_EQ(CreateFile(path_, kUnits * kUnit).status(), absl::OkStatus());
    const BufferClass classes[] = {{.bytes = kUnit, .count = 1}};
    pool_ = *BufferPool::Create(classes, kUnit);
    std::ranges::fill(pool_->arena(), std::byte{0x42});
  }
  void TearDown() override { ::unlink(path_.c_str()); }

  OpenedDevice Open() const { return OpenDevice(path_, {.io_engine = GetParam(), .queue_depth = 4}).value(); }

  void SubmitWrites(Device* device) {
    for (size_t i = 0; i < kUnits; ++i) {
      IoRequest& request = requests_.emplace_back();
      request.op = IoRequest::Op::kWrite;
      request.offset = i * kUnit;
      request.buffers = {&buffer_, 1};
      request.done = [](IoRequest*) {};
      device->Submit(&request);
    }
  }

  // Of the file, as others see it.
  size_t UnitsWritten() const {
    const UniqueFd file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    size_t written = 0;
    for (size_t i = 0; i < kUnits; ++i) {
      char byte = 0;
      PCHECK(::pread(file.get(), &byte, 1, static_cast<off_t>(i * kUnit)) == 1);
      written += byte == 0x42 ? 1 : 0;
    }
    return written;
  }

  const std::string path_ = testing::TempDir() + "/process_test";
  std::unique_ptr<BufferPool> pool_;
  iovec buffer_ = {};
  std::deque<IoRequest> requests_;
};

TEST_P(ProcessTest, AForkNeitherPerformsNorWaitsNorUnlocks) {
  OpenedDevice opened = Open();
  buffer_ = {pool_->arena().data(), kUnit};
  SubmitWrites(opened.device.get());
  const int in_flight = opened.device->in_flight();
  EXPECT_EQ(InChild([&] {
              SubmitWrites(opened.device.get());
              const absl::Status polled = opened.device->Poll(absl::InfiniteDuration());
              EXPECT_TRUE(absl::IsFailedPrecondition(polled)) << polled;
              EXPECT_THAT(std::string(polled.message()), HasSubstr("fork"));
              EXPECT_EQ(opened.device->Close(), absl::OkStatus());
              opened.device.reset();
            }),
            0);
  EXPECT_EQ(InChild([&] { opened.device.reset(); }), 0);
  EXPECT_EQ(UnitsWritten(), 0u);
  EXPECT_TRUE(absl::IsFailedPrecondition(DeviceFile::Open(path_, kAtOnce).status())) << "a fork gave the claim back";
  EXPECT_EQ(opened.device->in_flight(), in_flight);
  EXPECT_EQ(opened.device->Close(), absl::OkStatus());
  for (const IoRequest& request : requests_) EXPECT_EQ(request.status, absl::OkStatus());
  EXPECT_EQ(UnitsWritten(), kUnits);
}

TEST_P(ProcessTest, AForkThatDropsThePoolLeavesItRegistered) {
  OpenedDevice opened = Open();
  if (opened.uring == nullptr) GTEST_SKIP() << "skipped: only a ring knows registered memory";
  ASSERT_EQ(pool_->Register(opened.uring), absl::OkStatus());
  ASSERT_TRUE(opened.uring->buffers_registered());
  EXPECT_EQ(InChild([&] {
              pool_.reset();
              opened.device.reset();
            }),
            0);
  buffer_ = {pool_->arena().data(), kUnit};
  SubmitWrites(opened.device.get());
  while (opened.device->in_flight() > 0) ASSERT_EQ(opened.device->Poll(absl::InfiniteDuration()), absl::OkStatus());
  for (const IoRequest& request : requests_) EXPECT_EQ(request.status, absl::OkStatus());
  pool_.reset();
}

TEST_P(ProcessTest, AClosedDeviceIsFreeThoughAForkLives) {
  OpenedDevice opened = Open();
  buffer_ = {pool_->arena().data(), kUnit};
  SubmitWrites(opened.device.get());
  ASSERT_EQ(opened.device->Poll(absl::InfiniteDuration()), absl::OkStatus());
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[1]);
    char end = 0;
    std::_Exit(::read(ends[0], &end, 1) == 0 ? 0 : 1);  // until the other process closes the pipe
  }
  EXPECT_EQ(opened.device->Close(), absl::OkStatus());
  EXPECT_EQ(DeviceFile::Open(path_, kAtOnce).status(), absl::OkStatus());
  ::close(ends[0]);
  ::close(ends[1]);
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

// A server may run without them, and what it logs would be written to the device.
TEST_P(ProcessTest, NoDescriptorIsAStandardStream) {
  EXPECT_EQ(InChild([&] {
              for (const int stream : {0, 1, 2}) ::close(stream);
              const DeviceFile file = DeviceFile::Open(path_, {}).value();
              EXPECT_GT(file.fd(), 2);
              EXPECT_GT(file.OpenUnclaimed().value().get(), 2);
            }),
            0);
  EXPECT_EQ(InChild([&] {
              for (const int stream : {0, 1, 2}) ::close(stream);
              const Waker waker = Waker::Create().value();
              const OpenedDevice opened = Open();
              for (const int stream : {0, 1, 2}) EXPECT_EQ(::fcntl(stream, F_GETFD), -1) << stream;
              buffer_ = {pool_->arena().data(), kUnit};
              SubmitWrites(opened.device.get());
              EXPECT_EQ(opened.device->Close(), absl::OkStatus());
            }),
            0);
  EXPECT_EQ(UnitsWritten(), kUnits);
}

INSTANTIATE_TEST_SUITE_P(Engines, ProcessTest, testing::Values(IoEngine::kUring, IoEngine::kFile),
                         [](const testing::TestParamInfo<IoEngine>& engine) {
                           return std::string(IoEngineName(engine.param));
                         });

}  // namespace
}  // namespace slotwise
