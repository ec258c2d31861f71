// SPDX-License-Identifier: Apache-2.0
#include "iouring/create_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/device_file.h"
#include "slotwise/unique_fd.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kBytes = 1 << 20;

class CreateFileTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(directory_); }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  // An open file of `bytes` bytes, all of them a hole.
  DeviceFile Sparse(uint64_t bytes) const {
    std::ofstream(Path("sparse")).close();
    std::filesystem::resize_file(Path("sparse"), bytes);
    return DeviceFile::Open(Path("sparse"), {.buffered = true}).value();
  }

  static uint64_t HeldBytes(const std::string& path) {
    struct stat info;
    EXPECT_EQ(::stat(path.c_str(), &info), 0);
    return static_cast<uint64_t>(info.st_blocks) * 512;
  }

  const std::string directory_ = testing::TempDir() + "/create_file_test";
};

TEST_F(CreateFileTest, MakesZeroesWithTheirSpaceReserved) {
  const absl::StatusOr<DeviceFile> file = CreateFile(Path("store"), kBytes, {.buffered = true});
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->geometry().size, kBytes);
  EXPECT_GE(HeldBytes(Path("store")), kBytes);
  EXPECT_TRUE(IsBlank(*file).value());
  struct stat info;
  ASSERT_EQ(::stat(Path("store").c_str(), &info), 0);
  EXPECT_EQ(info.st_size, static_cast<off_t>(kBytes));
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
}

TEST_F(CreateFileTest, AFileIsItsCreatorsFromTheStart) {
  const absl::StatusOr<DeviceFile> file = CreateFile(Path("store"), kBytes);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE(file->geometry().direct);
  EXPECT_NE(::fcntl(file->fd(), F_GETFL) & O_DIRECT, 0);
  EXPECT_TRUE(
      absl::IsFailedPrecondition(DeviceFile::Open(Path("store"), {.claim_wait = absl::ZeroDuration()}).status()));
}

TEST_F(CreateFileTest, NeverOverwrites) {
  std::ofstream(Path("precious")) << "bytes";
  EXPECT_TRUE(absl::IsAlreadyExists(CreateFile(Path("precious"), 4096).status()));
  EXPECT_EQ(std::filesystem::file_size(Path("precious")), 5u);
}

TEST_F(CreateFileTest, LeavesNothingBehindWhenThereIsNoRoom) {
  const uint64_t more_than_any_disk = uint64_t{1} << 62;
  for (const uint64_t bytes : {more_than_any_disk, ~uint64_t{0}}) {
    const absl::Status status = CreateFile(Path("huge"), bytes).status();
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(std::string(status.message()), HasSubstr("cannot create " + Path("huge")));
    EXPECT_FALSE(std::filesystem::exists(Path("huge")));
  }
  const absl::Status homeless = CreateFile(Path("missing/store"), 4096).status();
  EXPECT_TRUE(absl::IsNotFound(homeless));
  EXPECT_THAT(std::string(homeless.message()), HasSubstr("there is no folder " + Path("missing")));
}

TEST_F(CreateFileTest, SaysHowMuchIsMissing) {
  DeviceFile file = Sparse(kBytes);
  const absl::Status status = ReserveFile(&file, uint64_t{1} << 60);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(absl::StrCat(uint64_t{1} << 60, " are still to be reserved")));
  EXPECT_EQ(std::filesystem::file_size(Path("sparse")), kBytes);
}

TEST_F(CreateFileTest, ALimitOnTheSizeOfFilesIsAnErrorAndNoSignal) {
  const auto create = [this] {
    const rlimit limit = {.rlim_cur = kBytes, .rlim_max = kBytes};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) std::_Exit(2);
    std::_Exit(absl::IsOutOfRange(CreateFile(Path("store"), 2 * kBytes).status()) ? 0 : 1);
  };
  EXPECT_EXIT(create(), testing::ExitedWithCode(0), "");
  EXPECT_FALSE(std::filesystem::exists(Path("store")));
}

TEST_F(CreateFileTest, CreatesInTheWorkingDirectory) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(directory_);
  EXPECT_TRUE(CreateFile("relative", 4096).ok());
  std::filesystem::current_path(before);
  EXPECT_TRUE(std::filesystem::exists(Path("relative")));
}

TEST_F(CreateFileTest, MakesNoFileAmongDevices) {
  std::filesystem::create_directory_symlink("/dev", Path("link"));
  for (const std::string& folder : {std::string("/dev"), Path("link"), std::string("/dev/../dev")}) {
    const std::string path = folder + "/slotwise_create_file_test";
    EXPECT_TRUE(absl::IsInvalidArgument(CreateFile(path, 4096).status()));
    EXPECT_FALSE(std::filesystem::exists(path));
  }
}

TEST_F(CreateFileTest, MakesFilesInSharedMemory) {
  if (::access("/dev/shm", W_OK) != 0) GTEST_SKIP() << "skipped: there is no /dev/shm to write to";
  const std::string path = absl::StrCat("/dev/shm/slotwise_create_file_test_", ::getpid());
  EXPECT_TRUE(CreateFile(path, 4096, {.buffered = true}).ok());
  EXPECT_EQ(::unlink(path.c_str()), 0);
}

TEST_F(CreateFileTest, ReservesTheHolesOfAFileAndItsEnd) {
  DeviceFile file = Sparse(kBytes);
  ASSERT_LT(HeldBytes(Path("sparse")), kBytes);
  ASSERT_EQ(ReserveFile(&file, kBytes), absl::OkStatus());
  EXPECT_GE(HeldBytes(Path("sparse")), kBytes);
  EXPECT_EQ(file.geometry().size, kBytes);
  ASSERT_EQ(ReserveFile(&file, 2 * kBytes), absl::OkStatus());
  EXPECT_GE(HeldBytes(Path("sparse")), 2 * kBytes);
  EXPECT_EQ(file.geometry().size, 2 * kBytes);
  EXPECT_TRUE(IsBlank(file).value());
}

TEST_F(CreateFileTest, OneByteIsNotBlank) {
  const DeviceFile file = Sparse(8 * kBytes);
  EXPECT_TRUE(IsBlank(file).value());
  std::fstream(Path("sparse"), std::ios::in | std::ios::out).seekp(5 * kBytes) << std::string(100, '\0');
  EXPECT_TRUE(IsBlank(file).value());
  std::fstream(Path("sparse"), std::ios::in | std::ios::out).seekp(8 * kBytes - 1) << 'x';
  EXPECT_FALSE(IsBlank(file).value());
}

TEST_F(CreateFileTest, TellsWhatIsMissingFromWhatCannotBeSeen) {
  EXPECT_TRUE(IsMissing(Path("missing")).value());
  EXPECT_TRUE(IsMissing(Path("missing/store")).value());
  EXPECT_FALSE(IsMissing(directory_).value());
  std::filesystem::create_symlink("nothing", Path("dangling"));
  EXPECT_THAT(std::string(IsMissing(Path("dangling")).status().message()), HasSubstr("a link to what does not exist"));
  std::filesystem::create_symlink("loop", Path("loop"));
  EXPECT_THAT(std::string(IsMissing(Path("loop")).status().message()), HasSubstr("in a loop of links"));
  std::ofstream(Path("file")).close();
  EXPECT_THAT(std::string(IsMissing(Path("file/store")).status().message()), HasSubstr("ENOTDIR"));
}

TEST_F(CreateFileTest, AnUnfinishedFileGoesUnlessItIsKept) {
  for (const bool keep : {false, true}) {
    {
      const DeviceFile file = CreateFile(Path("store"), 4096).value();
      UnfinishedFile unfinished(Path("store"), file.fd());
      if (keep) unfinished.Keep();
    }
    EXPECT_EQ(std::filesystem::exists(Path("store")), keep);
  }
}

TEST_F(CreateFileTest, AnUnfinishedFileThatHasAnotherOwnerStays) {
  const UniqueFd file(::open(Path("store").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  const UniqueFd owner(::open(Path("store").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(owner.get(), LOCK_EX), 0);
  { const UnfinishedFile unfinished(Path("store"), file.get()); }
  EXPECT_TRUE(std::filesystem::exists(Path("store")));
}

TEST_F(CreateFileTest, AnotherFileOfTheSameNameStays) {
  const DeviceFile file = CreateFile(Path("store"), 4096).value();
  {
    const UnfinishedFile unfinished(Path("store"), file.fd());
    std::filesystem::rename(Path("store"), Path("moved"));
    std::ofstream(Path("store")).close();
  }
  EXPECT_TRUE(std::filesystem::exists(Path("store")));
  EXPECT_TRUE(std::filesystem::exists(Path("moved")));
}

}  // namespace
}  // namespace slotwise
