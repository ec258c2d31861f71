// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/trace_file.h"

#include <array>
#include <fstream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(TraceFileTest, ReadsAFileToItsEnd) {
  const std::string path = testing::TempDir() + "/trace_file_test";
  std::ofstream(path) << "abcde";
  const absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenTraceFile(path);
  ASSERT_TRUE(source.ok()) << source.status();
  std::array<char, 3> buffer;
  EXPECT_EQ(*(*source)->Read(buffer), 3u);
  EXPECT_EQ(std::string(buffer.data(), 3), "abc");
  EXPECT_EQ(*(*source)->Read(buffer), 2u);
  EXPECT_EQ(std::string(buffer.data(), 2), "de");
  EXPECT_EQ(*(*source)->Read(buffer), 0u);
}

TEST(TraceFileTest, NamesWhatItCannotOpen) {
  const absl::Status missing = OpenTraceFile("/nonexistent/trace").status();
  EXPECT_TRUE(absl::IsNotFound(missing)) << missing;
  EXPECT_TRUE(absl::StrContains(missing.message(), "/nonexistent/trace")) << missing;
  for (const std::string& path : {std::string("/dev/null"), testing::TempDir()}) {
    EXPECT_EQ(OpenTraceFile(path).status(), absl::InvalidArgumentError(path + ": is not a regular file"));
  }
}

}  // namespace
}  // namespace slotwise
