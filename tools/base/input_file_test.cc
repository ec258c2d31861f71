// SPDX-License-Identifier: Apache-2.0
#include "tools/base/input_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

constexpr uint64_t kBytesMax = 1 << 20;

std::string Temporary(const std::string& name) { return testing::TempDir() + "/input_file_test." + name; }

TEST(InputFileTest, ReadsToTheEnd) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{65536}, size_t{200'000}}) {
    std::string text(size, 'x');
    if (size > 0) text.back() = '\0';
    std::ofstream(Temporary("text"), std::ios::binary) << text;
    EXPECT_EQ(ReadInputFile(Temporary("text"), kBytesMax).value(), text);
    EXPECT_EQ(ReadInputFile(Temporary("text"), size).value(), text);
    if (size == 0) continue;
    EXPECT_TRUE(absl::IsInvalidArgument(ReadInputFile(Temporary("text"), size - 1).status()));
  }
}

TEST(InputFileTest, RefusesWhatIsNoRegularFile) {
  ::unlink(Temporary("pipe").c_str());
  ASSERT_EQ(::mkfifo(Temporary("pipe").c_str(), 0600), 0);
  for (const std::string& path : {testing::TempDir(), std::string("/dev/zero"), Temporary("pipe")}) {
    EXPECT_EQ(ReadInputFile(path, kBytesMax).status(), absl::InvalidArgumentError(path + ": is not a regular file"));
  }
  EXPECT_TRUE(absl::IsNotFound(InputFile::Open("/nonexistent").status()));
}

TEST(InputFileTest, SaysWhatCannotBeRead) {
  const absl::Status status = ReadInputFile("/proc/self/mem", kBytesMax).status();
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(absl::StrContains(status.message(), "cannot read /proc/self/mem")) << status;
}

}  // namespace
}  // namespace slotwise
