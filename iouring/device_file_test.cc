// SPDX-License-Identifier: Apache-2.0
#include "iouring/device_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/create_file.h"
#include "slotwise/unique_fd.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;

class DeviceFileTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(directory_); }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  std::string directory_ = testing::TempDir() + "/device_file_test";
};

std::string MessageOf(const absl::StatusOr<DeviceFile>& file) { return std::string(file.status().message()); }

TEST_F(DeviceFileTest, TellsTheGeometryOfAFile) {
  ASSERT_TRUE(CreateFile(Path("store"), 1 << 20).ok());
  const absl::StatusOr<DeviceFile> file = DeviceFile::Open(Path("store"), {});
  ASSERT_TRUE(file.ok()) << file.status();
  const DeviceGeometry& geometry = file->geometry();
  EXPECT_EQ(geometry.size, 1u << 20);
  EXPECT_GE(geometry.alignment, 4096u);
  EXPECT_EQ(geometry.physical_block_bytes % geometry.alignment, 0u);
  EXPECT_FALSE(geometry.is_block_device);
  EXPECT_TRUE(geometry.direct);
}

TEST_F(DeviceFileTest, RoundsTheSizeOfAFileDownToItsAlignment) {
  ASSERT_TRUE(CreateFile(Path("odd"), 3 * 65536 + 17).ok());
  const absl::StatusOr<DeviceFile> file = DeviceFile::Open(Path("odd"), {});
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->geometry().size, 3u * 65536);
}

TEST_F(DeviceFileTest, OneFileHasOneOwner) {
  ASSERT_TRUE(CreateFile(Path("store"), 4096).ok());
  {
    const absl::StatusOr<DeviceFile> owner = DeviceFile::Open(Path("store"), {});
    ASSERT_TRUE(owner.ok()) << owner.status();
    for (const bool read_only : {false, true}) {
      const absl::StatusOr<DeviceFile> second =
          DeviceFile::Open(Path("store"), {.read_only = read_only, .claim_wait = absl::ZeroDuration()});
      EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
      EXPECT_THAT(MessageOf(second), HasSubstr(Path("store") + " is mounted or in use"));
    }
    EXPECT_TRUE(owner->OpenUnclaimed().ok());
  }
  EXPECT_TRUE(DeviceFile::Open(Path("store"), {}).ok());
}

TEST_F(DeviceFileTest, RespectsTheLocksOfOthers) {
  ASSERT_TRUE(CreateFile(Path("store"), 4096).ok());
  const UniqueFd other(::open(Path("store").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::flock(other.get(), LOCK_SH), 0);
  const DeviceFileOptions at_once{.claim_wait = absl::ZeroDuration()};
  EXPECT_TRUE(absl::IsFailedPrecondition(DeviceFile::Open(Path("store"), at_once).status()));
}

TEST_F(DeviceFileTest, WaitsForAnOwnerThatEndsAndSaysSo) {
  ASSERT_TRUE(CreateFile(Path("store"), 4096).ok());
  absl::StatusOr<DeviceFile> owner = DeviceFile::Open(Path("store"), {});
  ASSERT_TRUE(owner.ok()) << owner.status();
  testing::internal::CaptureStderr();
  EXPECT_TRUE(
      absl::IsFailedPrecondition(DeviceFile::Open(Path("store"), {.claim_wait = absl::Milliseconds(1)}).status()));
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr(Path("store") + " is in use"));
  std::thread end([&owner] {
    absl::SleepFor(absl::Milliseconds(20));
    owner->Close();
  });
  EXPECT_TRUE(DeviceFile::Open(Path("store"), {.claim_wait = absl::InfiniteDuration()}).ok());
  end.join();
}

TEST_F(DeviceFileTest, RefusesWhatIsNoDevice) {
  EXPECT_TRUE(absl::IsNotFound(DeviceFile::Open(Path("missing"), {}).status()));
  ASSERT_EQ(::mkfifo(Path("fifo").c_str(), 0600), 0);
  for (const std::string& path : {directory_, Path("fifo"), std::string("/dev/null")}) {
    const absl::StatusOr<DeviceFile> file = DeviceFile::Open(path, {});
    EXPECT_TRUE(absl::IsInvalidArgument(file.status())) << file.status();
    EXPECT_THAT(MessageOf(file), HasSubstr(path + " is neither"));
  }
}

TEST_F(DeviceFileTest, AFileSystemWithoutDirectIoNeedsBuffered) {
  const std::string path = "/proc/self/environ";
  const absl::StatusOr<DeviceFile> direct = DeviceFile::Open(path, {.read_only = true});
  EXPECT_TRUE(absl::IsFailedPrecondition(direct.status()));
  EXPECT_THAT(MessageOf(direct), HasSubstr("`buffered`"));
  const absl::StatusOr<DeviceFile> buffered = DeviceFile::Open(path, {.read_only = true, .buffered = true});
  ASSERT_TRUE(buffered.ok()) << buffered.status();
  EXPECT_FALSE(buffered->geometry().direct);
}

TEST_F(DeviceFileTest, AFileThatMayNotBeWrittenIsRefused) {
  if (::geteuid() == 0) GTEST_SKIP() << "skipped: root may write every file";
  ASSERT_TRUE(CreateFile(Path("store"), 4096).ok());
  ASSERT_EQ(::chmod(Path("store").c_str(), 0400), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(DeviceFile::Open(Path("store"), {}).status()));
  EXPECT_TRUE(DeviceFile::Open(Path("store"), {.read_only = true}).ok());
}

}  // namespace
}  // namespace slotwise
