// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/page_cache.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "slotwise/unique_fd.h"
#include "tools/bench/peers/file_io.h"

namespace slotwise {
namespace {

constexpr uint64_t kFileBytes = 1 << 20;

class PageCacheTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mkdir(folder_.c_str(), 0700), 0);
    ASSERT_EQ(::mkdir((folder_ + "/inner").c_str(), 0700), 0);
    const absl::StatusOr<UniqueFd> file = OpenFile(folder_ + "/inner/file", O_RDWR | O_CREAT);
    ASSERT_EQ(file.status(), absl::OkStatus());
    ASSERT_EQ(WriteFully(*file, std::vector<std::byte>(kFileBytes, std::byte{1}), 0), absl::OkStatus());
  }

  bool OnDisk() const {
    struct statfs found = {};
    return ::statfs(folder_.c_str(), &found) == 0 && found.f_type != TMPFS_MAGIC;
  }

  const std::string folder_ = testing::TempDir() + "/" + testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(PageCacheTest, CountsWhatWasJustWritten) { EXPECT_EQ(CachedBytes(folder_).value(), kFileBytes); }

TEST_F(PageCacheTest, DropsIt) {
  if (!OnDisk()) GTEST_SKIP() << "the tests' folder is in memory";
  EXPECT_EQ(DropFromPageCache(folder_), absl::OkStatus());
  EXPECT_EQ(CachedBytes(folder_).value(), 0u);
}

TEST_F(PageCacheTest, SaysWhenItCannot) {
  std::string folder = "/dev/shm/page_cache_test_XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) GTEST_SKIP() << "no file system in memory";
  const absl::StatusOr<UniqueFd> file = OpenFile(folder + "/file", O_RDWR | O_CREAT);
  ASSERT_EQ(file.status(), absl::OkStatus());
  ASSERT_EQ(WriteFully(*file, std::vector<std::byte>(kFileBytes), 0), absl::OkStatus());
  EXPECT_TRUE(absl::IsFailedPrecondition(DropFromPageCache(folder)));
  std::filesystem::remove_all(folder);
}

TEST_F(PageCacheTest, SaysThatThereIsNoSuchFolder) {
  EXPECT_TRUE(absl::IsNotFound(CachedBytes(folder_ + "/none").status()));
}

}  // namespace
}  // namespace slotwise
