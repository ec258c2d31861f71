// SPDX-License-Identifier: Apache-2.0
// Loop devices, and what DeviceFile makes of block devices.
#include "iouring/testing/loop_device.h"

#include <fcntl.h>
#include <sys/uio.h>

#include <bit>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/buffer_pool.h"
#include "iouring/device.h"
#include "iouring/device_file.h"
#include "iouring/open_device.h"
#include "slotwise/unique_fd.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;

class LoopDeviceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = LoopDevice::Unavailable()) GTEST_SKIP() << "skipped: " << *reason;
  }

  static std::unique_ptr<LoopDevice> Make(uint32_t block_bytes, bool read_only) {
    absl::StatusOr<std::unique_ptr<LoopDevice>> device = LoopDevice::Create(
        {.bytes = 1 << 20, .block_bytes = block_bytes, .read_only = read_only, .directory = testing::TempDir()});
    CHECK(device.ok()) << device.status();
    return *std::move(device);
  }
};

TEST_F(LoopDeviceTest, ShowsItsGeometry) {
  for (const uint32_t block_bytes : {512u, 4096u}) {
    const std::unique_ptr<LoopDevice> loop = Make(block_bytes, false);
    const absl::StatusOr<DeviceFile> file = DeviceFile::Open(loop->path(), {});
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE(file->geometry().is_block_device);
    EXPECT_EQ(file->geometry().size, 1u << 20);
    EXPECT_EQ(file->geometry().alignment, block_bytes);
    EXPECT_GE(file->geometry().physical_block_bytes, block_bytes);
    EXPECT_GE(file->geometry().transfer_bytes_max, 64u << 10);
    EXPECT_TRUE(std::has_single_bit(file->geometry().transfer_bytes_max));
    EXPECT_FALSE(file->geometry().polled);
  }
}

TEST_F(LoopDeviceTest, AHeldDeviceIsRefused) {
  const std::unique_ptr<LoopDevice> loop = Make(512, false);
  const UniqueFd holder(::open(loop->path().c_str(), O_RDONLY | O_EXCL | O_CLOEXEC));
  ASSERT_TRUE(holder.valid());
  const absl::StatusOr<DeviceFile> file = DeviceFile::Open(loop->path(), {.claim_wait = absl::ZeroDuration()});
  EXPECT_TRUE(absl::IsFailedPrecondition(file.status()));
  EXPECT_THAT(std::string(file.status().message()), HasSubstr(loop->path() + " is mounted or in use"));
}

TEST_F(LoopDeviceTest, AReadOnlyDeviceIsRefusedForWriting) {
  const std::unique_ptr<LoopDevice> loop = Make(512, true);
  const absl::StatusOr<DeviceFile> file = DeviceFile::Open(loop->path(), {});
  EXPECT_TRUE(absl::IsFailedPrecondition(file.status()));
  EXPECT_THAT(std::string(file.status().message()), HasSubstr(loop->path() + " is read-only"));
  EXPECT_TRUE(DeviceFile::Open(loop->path(), {.read_only = true}).ok());
}

absl::Status Read(Device* device) {
  const BufferClass classes[] = {{.bytes = 4096, .count = 1}};
  const std::unique_ptr<BufferPool> pool = *BufferPool::Create(classes, 4096);
  const iovec buffer = {pool->arena().data(), pool->arena().size()};
  IoRequest request;
  request.buffers = {&buffer, 1};
  request.done = [](IoRequest*) {};
  device->Submit(&request);
  while (device->in_flight() > 0) CHECK_EQ(device->Poll(absl::InfiniteDuration()), absl::OkStatus());
  return request.status;
}

// Detached under its user, it serves until that closes it or fails as a device that has gone; and is then refused.
TEST_F(LoopDeviceTest, ADetachedDeviceFailsAndDoesNotHang) {
  for (const IoEngine engine : {IoEngine::kAuto, IoEngine::kFile}) {
    const std::unique_ptr<LoopDevice> loop = Make(512, false);
    const absl::StatusOr<OpenedDevice> opened = OpenDevice(loop->path(), {.io_engine = engine});
    ASSERT_TRUE(opened.ok()) << opened.status();
    loop->Detach();
    const absl::Status read = Read(opened->device.get());
    EXPECT_TRUE(read.ok() || absl::IsDataLoss(read) || absl::IsUnavailable(read)) << read;
    EXPECT_EQ(opened->device->Close(), absl::OkStatus());
    absl::Status again;
    while (again.ok()) again = DeviceFile::Open(loop->path(), {}).status();  // the ring's end may lag behind
    EXPECT_TRUE(absl::IsFailedPrecondition(again) || absl::IsUnavailable(again)) << again;
    EXPECT_THAT(std::string(again.message()), HasSubstr(loop->path()));
  }
}

TEST_F(LoopDeviceTest, LeavesNoFileBehind) {
  std::string backing_path;
  {
    const std::unique_ptr<LoopDevice> loop = Make(512, false);
    backing_path = loop->backing_path();
    EXPECT_TRUE(std::filesystem::exists(backing_path));
  }
  EXPECT_FALSE(std::filesystem::exists(backing_path));
}

TEST_F(LoopDeviceTest, ABadBlockSizeIsAnError) {
  EXPECT_FALSE(LoopDevice::Create({.bytes = 1 << 20, .block_bytes = 77, .directory = testing::TempDir()}).ok());
}

}  // namespace
}  // namespace slotwise
