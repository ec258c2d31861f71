// SPDX-License-Identifier: Apache-2.0
#include "tools/base/standard_descriptors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

bool IsNull(int fd) {
  struct stat null = {};
  struct stat about = {};
  return ::stat("/dev/null", &null) == 0 && ::fstat(fd, &about) == 0 && about.st_rdev == null.st_rdev;
}

// In a process of its own, with exit code 0 if all is well, else the number of what is not.
[[noreturn]] void OpenWithout(int first, int last) {
  for (int fd = first; fd <= last; ++fd) ::close(fd);
  OpenStandardDescriptors();
  for (int fd = first; fd <= last; ++fd) {
    if (!IsNull(fd)) std::_Exit(1);
  }
  if (::open("/dev/null", O_RDONLY | O_CLOEXEC) <= STDERR_FILENO) std::_Exit(2);
  if (first <= STDOUT_FILENO && ::write(STDOUT_FILENO, "x", 1) != -1) std::_Exit(3);
  std::_Exit(0);
}

TEST(StandardDescriptorsTest, OpensWhatIsMissing) {
  EXPECT_EXIT(OpenWithout(0, 2), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(OpenWithout(1, 2), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(OpenWithout(2, 2), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(OpenWithout(1, 1), testing::ExitedWithCode(0), "");
}

TEST(StandardDescriptorsTest, LeavesTheOthers) {
  struct stat before = {};
  struct stat after = {};
  ASSERT_EQ(::fstat(STDERR_FILENO, &before), 0);
  OpenStandardDescriptors();
  ASSERT_EQ(::fstat(STDERR_FILENO, &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
}

}  // namespace
}  // namespace slotwise
