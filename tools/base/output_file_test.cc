// SPDX-License-Identifier: Apache-2.0
#include "tools/base/output_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

std::string Contents(const std::string& path) {
  std::ifstream in(path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

class OutputFileTest : public testing::Test {
 protected:
  OutputFileTest() { std::filesystem::create_directories(directory_); }
  ~OutputFileTest() override { std::filesystem::remove_all(directory_); }

  const std::string directory_ = testing::TempDir() + "/output_file_test";
};

TEST_F(OutputFileTest, WritesAndReplacesAndLeavesNothingElse) {
  const std::string path = directory_ + "/report.json";
  for (const char* text : {"a long text\n", "short\n"}) {
    EXPECT_TRUE(CheckOutputFile(path).ok());
    EXPECT_TRUE(WriteOutputFile(path, text).ok());
    EXPECT_EQ(Contents(path), text);
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
}

TEST_F(OutputFileTest, CheckingCreatesNothing) {
  EXPECT_TRUE(CheckOutputFile(directory_ + "/report.json").ok());
  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(OutputFileTest, RefusesWhatIsNoFileInADirectory) {
  for (const std::string& path : {directory_, std::string("/dev/null"), directory_ + "/missing/report.json"}) {
    EXPECT_EQ(CheckOutputFile(path).code(), absl::StatusCode::kInvalidArgument) << path;
  }
  EXPECT_FALSE(WriteOutputFile(directory_ + "/missing/report.json", "x").ok());
}

}  // namespace
}  // namespace slotwise
