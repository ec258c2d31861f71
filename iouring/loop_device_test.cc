// SPDX-License-Identifier: Apache-2.0
// Loop devices, and what DeviceFile makes of block devices.
#include "iouring/loop_device.h"

#include <fcntl.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/device_file.h"
#include "iouring/unique_fd.h"

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
    EXPECT_GT(file->geometry().discard_granularity, 0u);
  }
}

TEST_F(LoopDeviceTest, AHeldDeviceIsRefused) {
  const std::unique_ptr<LoopDevice> loop = Make(512, false);
  const UniqueFd holder(::open(loop->path().c_str(), O_RDONLY | O_EXCL | O_CLOEXEC));
  ASSERT_TRUE(holder.valid());
  const absl::StatusOr<DeviceFile> file = DeviceFile::Open(loop->path(), {});
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
