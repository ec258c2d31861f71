// SPDX-License-Identifier: Apache-2.0
#include "tools/base/progress_bar.h"

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

#include "absl/time/time.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

// A terminal whose screen can be read.
class Terminal {
 public:
  Terminal() {
    int slave = -1;
    EXPECT_EQ(openpty(&master_, &slave, nullptr, nullptr, nullptr), 0);
    EXPECT_EQ(fcntl(master_, F_SETFL, O_NONBLOCK), 0);
    file_ = fdopen(slave, "w");
  }
  ~Terminal() {
    std::fclose(file_);
    close(master_);
  }
  std::FILE* file() { return file_; }

  // What was written since the last call.
  std::string Read() {
    std::array<char, 4096> text;
    const ssize_t size = read(master_, text.data(), text.size());
    return size > 0 ? std::string(text.data(), static_cast<size_t>(size)) : "";
  }

 private:
  int master_ = -1;
  std::FILE* file_ = nullptr;
};

constexpr absl::Time kStart = absl::UnixEpoch();

TEST(ProgressBarTest, DrawsOnATerminalAndWipesItself) {
  Terminal terminal;
  {
    ProgressBar bar(terminal.file(), "slab", "requests", 200);
    bar.Update(100, kStart);
    EXPECT_EQ(terminal.Read(), "\r\033[Kslab  [===============>              ]  50 %  100 of 200 requests");
    bar.Update(200, kStart + absl::Seconds(1));
    EXPECT_EQ(terminal.Read(), "\r\033[Kslab  [==============================] 100 %  200 of 200 requests");
  }
  EXPECT_EQ(terminal.Read(), "\r\033[K");
}

TEST(ProgressBarTest, DrawsAtMostTenTimesASecond) {
  Terminal terminal;
  ProgressBar bar(terminal.file(), "slab", "requests", 1000);
  int drawn = 0;
  for (int ms = 0; ms < 1000; ++ms) {
    bar.Update(ms, kStart + absl::Milliseconds(ms));
    if (!terminal.Read().empty()) ++drawn;
  }
  EXPECT_EQ(drawn, 10);
}

TEST(ProgressBarTest, WritesNothingToAFile) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  {
    ProgressBar bar(file, "slab", "requests", 10);
    bar.Update(5, kStart);
  }
  EXPECT_EQ(std::ftell(file), 0);
  std::fclose(file);
}

}  // namespace
}  // namespace slotwise
