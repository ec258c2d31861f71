// SPDX-License-Identifier: Apache-2.0
#include "tools/base/standard_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "slotwise/unique_fd.h"

namespace slotwise {
namespace {

// Text that arrives at `reader` once the writer's end is closed.
std::string ReadAll(const UniqueFd& reader) {
  std::string text;
  char piece[4096];
  for (ssize_t count = 0; (count = ::read(reader.get(), piece, sizeof(piece))) > 0;) {
    text.append(piece, static_cast<size_t>(count));
  }
  return text;
}

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    reader = UniqueFd(ends[0]);
    writer = UniqueFd(ends[1]);
  }
  UniqueFd reader;
  UniqueFd writer;
};

TEST(StandardOutputTest, WritesWhatIsSaid) {
  Pipe pipe;
  {
    StandardOutput output(pipe.writer.get());
    std::cout << "one " << 2 << '\n' << std::flush << "three";
    std::cout.put('!');
    EXPECT_TRUE(output.Finish().ok());
    std::cout << " at the end";
  }
  pipe.writer = UniqueFd();
  EXPECT_EQ(ReadAll(pipe.reader), "one 2\nthree! at the end");
}

TEST(StandardOutputTest, GivesTheStreamBack) {
  std::streambuf* const before = std::cout.rdbuf();
  { const StandardOutput output(STDERR_FILENO); }
  EXPECT_EQ(std::cout.rdbuf(), before);
}

TEST(StandardOutputTest, SaysWhyAnAnswerIsLost) {
  const UniqueFd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(full.valid());
  for (const size_t size : {size_t{1}, size_t{1} << 20}) {
    StandardOutput output(full.get());
    std::cout << std::string(size, 'x');
    errno = 0;  // somebody else's
    const absl::Status status = output.Finish();
    EXPECT_EQ(std::string(status.message()), "cannot write the answer to standard output: No space left on device");
    EXPECT_EQ(output.Finish(), status);
    std::cout.clear();
  }
}

TEST(StandardOutputTest, AClosedDescriptorLosesTheAnswer) {
  StandardOutput output(-1);
  EXPECT_TRUE(output.Finish().ok());
  std::cout << "text";
  EXPECT_THAT(std::string(output.Finish().message()), testing::HasSubstr("Bad file descriptor"));
  std::cout.clear();
}

TEST(StandardOutputTest, AReaderThatHasGoneIsNoError) {
  Pipe pipe;
  pipe.reader = UniqueFd();
  const auto handler = std::signal(SIGPIPE, SIG_IGN);
  StandardOutput output(pipe.writer.get());
  std::cout << "text" << std::flush;
  EXPECT_TRUE(output.Finish().ok());
  std::cout.clear();
  std::signal(SIGPIPE, handler);
}

}  // namespace
}  // namespace slotwise
