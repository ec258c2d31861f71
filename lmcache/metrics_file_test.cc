// SPDX-License-Identifier: Apache-2.0
#include "lmcache/metrics_file.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

class MetricsFileTest : public testing::Test {
 protected:
  ~MetricsFileTest() override { ::unlink(path_.c_str()); }

  absl::StatusOr<std::unique_ptr<MetricsFile>> Start(const std::string& path, absl::Duration interval) {
    return MetricsFile::Start(path, interval, [this] { return absl::StrCat("text ", texts_++); });
  }

  std::string Contents() {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  const std::string path_ = absl::StrCat(testing::TempDir(), "/metrics_file");
  std::atomic<int> texts_ = 0;
};

TEST_F(MetricsFileTest, WritesAtOnceAndAtTheEnd) {
  auto file = Start(path_, absl::Hours(1)).value();
  EXPECT_EQ(Contents(), "text 0");
  file.reset();
  EXPECT_EQ(Contents(), "text 1");
  EXPECT_FALSE(std::filesystem::exists(path_ + ".unfinished"));
}

TEST_F(MetricsFileTest, WritesAgainAndAgain) {
  const auto file = Start(path_, absl::Milliseconds(1)).value();
  while (texts_ < 5) absl::SleepFor(absl::Milliseconds(1));
  EXPECT_THAT(Contents(), testing::StartsWith("text "));
}

TEST_F(MetricsFileTest, SaysWhereItCannotWrite) {
  const absl::Status status = Start("/nowhere/metrics", absl::Hours(1)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("/nowhere/metrics"));
}

TEST_F(MetricsFileTest, ReplacesNothingSpecial) {
  for (const std::string& path : {std::string("/dev/null"), testing::TempDir()}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Start(path, absl::Hours(1)).status())) << path;
  }
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

// Whatever came to the path meanwhile.
TEST_F(MetricsFileTest, NeverReplacesALaterStore) {
  auto file = Start(path_, absl::Hours(1)).value();
  std::ofstream(path_) << "SLOTWISE, a store";
  file.reset();
  EXPECT_EQ(Contents(), "SLOTWISE, a store");
}

TEST_F(MetricsFileTest, GoesOnWhereItCouldNotWriteForAWhile) {
  const std::string folder = absl::StrCat(testing::TempDir(), "/metrics_folder");
  const std::string path = folder + "/metrics";
  std::filesystem::create_directory(folder);
  auto file = Start(path, absl::Milliseconds(1)).value();
  std::filesystem::remove_all(folder);
  for (const int before = texts_; texts_ < before + 3;) absl::SleepFor(absl::Milliseconds(1));
  std::filesystem::create_directory(folder);
  file.reset();
  EXPECT_TRUE(std::filesystem::exists(path));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace slotwise
