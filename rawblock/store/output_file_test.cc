// SPDX-License-Identifier: Apache-2.0
#include "rawblock/store/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rawblock/disk/format.h"
#include "slotwise/unique_fd.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;

std::string Contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

class OutputFileTest : public testing::Test {
 protected:
  OutputFileTest() { std::filesystem::create_directories(folder_); }
  ~OutputFileTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return folder_ + "/" + name; }

  std::string WriteFile(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }

  static void ExpectRefused(const absl::Status& status, const std::string& path, const std::string& reason) {
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << path;
    EXPECT_THAT(std::string(status.message()), HasSubstr(path));
    EXPECT_THAT(std::string(status.message()), HasSubstr(reason));
  }

  // That neither the check lets `path` be written nor the writing touches it.
  static void ExpectNeverWritten(const std::string& path, const std::string& reason) {
    ExpectRefused(CheckOutputFiles({path}, {}), path, reason);
    ExpectRefused(WriteOutputFile(path, "x"), path, reason);
  }

  const std::string folder_ = testing::TempDir() + "/output_file_test";
};

TEST_F(OutputFileTest, WritesAndReplacesAndLeavesNothingElse) {
  const std::string path = Path("report.json");
  for (const char* text : {"a long text\n", "short\n", ""}) {
    EXPECT_TRUE(CheckOutputFiles({path}, {}).ok());
    EXPECT_TRUE(WriteOutputFile(path, text).ok());
    EXPECT_EQ(Contents(path), text);
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(OutputFileTest, CheckingCreatesNothing) {
  EXPECT_TRUE(CheckOutputFiles({Path("report.json"), "", Path("report.csv")}, {"", Path("device")}).ok());
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(OutputFileTest, ReplacesWhatAKilledWriterLeft) {
  WriteFile("report.json.unfinished", "half");
  EXPECT_TRUE(CheckOutputFiles({Path("report.json")}, {}).ok());
  EXPECT_TRUE(WriteOutputFile(Path("report.json"), "whole").ok());
  EXPECT_EQ(Contents(Path("report.json")), "whole");
  EXPECT_FALSE(std::filesystem::exists(Path("report.json.unfinished")));
}

TEST_F(OutputFileTest, RefusesWhatIsNoRegularFile) {
  ExpectNeverWritten(folder_, "not a regular file");
  ExpectNeverWritten(folder_ + "/", "is a folder");
  ExpectNeverWritten("/dev/null", "not a regular file");
  ExpectNeverWritten(Path("missing/report.json"), "folder does not exist");
  ExpectNeverWritten(Path(std::string(250, 'x')), "name too long");
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  ExpectNeverWritten(Path("pipe"), "not a regular file");
  EXPECT_TRUE(std::filesystem::is_fifo(Path("pipe")));
}

TEST_F(OutputFileTest, RefusesLinksWhereverTheyLead) {
  std::filesystem::create_symlink(WriteFile("file", "text"), Path("link"));
  std::filesystem::create_symlink("nowhere", Path("dangling"));
  ExpectNeverWritten(Path("link"), "symbolic link");
  ExpectNeverWritten(Path("dangling"), "symbolic link");
  EXPECT_EQ(Contents(Path("link")), "text");
}

// As the path itself: writing would go through it.
TEST_F(OutputFileTest, RefusesWhereTheUnfinishedFileCannotBe) {
  std::filesystem::create_symlink(WriteFile("file", "text"), Path("report.unfinished"));
  const absl::Status status = CheckOutputFiles({Path("report")}, {});
  ExpectRefused(status, Path("report.unfinished"), "symbolic link");
  EXPECT_EQ(WriteOutputFile(Path("report"), "x"), status);
  EXPECT_EQ(Contents(Path("file")), "text");
}

TEST_F(OutputFileTest, RefusesAStoreByEitherCopyOfItsSuperblock) {
  const std::string magic(format::kSuperblockMagic, sizeof(format::kSuperblockMagic));
  const std::string first = magic + std::string(4096, '\0');
  const std::string second = std::string(format::kSuperblockStride, '\0') + magic;
  for (const std::string& store : {first, second}) {
    WriteFile("store", store);
    ExpectNeverWritten(Path("store"), "holds a Slotwise store");
    EXPECT_EQ(Contents(Path("store")), store);
    std::filesystem::rename(Path("store"), Path("report.unfinished"));
    ExpectRefused(CheckOutputFiles({Path("report")}, {}), Path("report.unfinished"), "holds a Slotwise store");
  }
  WriteFile("text", "SLOTWIS");
  EXPECT_TRUE(CheckOutputFiles({Path("text")}, {}).ok());
}

TEST_F(OutputFileTest, RefusesWhatIsKept) {
  const std::string trace = WriteFile("trace", "text");
  std::filesystem::create_hard_link(trace, Path("other_name"));
  ExpectRefused(CheckOutputFiles({trace}, {trace}), trace, "would overwrite");
  ExpectRefused(CheckOutputFiles({"", folder_ + "/./trace"}, {"", trace}), trace, "would overwrite");
  ExpectRefused(CheckOutputFiles({Path("other_name")}, {trace}), Path("other_name"), "would overwrite");
  std::filesystem::rename(trace, Path("report.unfinished"));
  ExpectRefused(CheckOutputFiles({Path("report")}, {Path("report.unfinished")}), Path("report"), "would overwrite");
  EXPECT_TRUE(CheckOutputFiles({Path("report")}, {Path("report.json")}).ok());
}

// Files that the command is about to make.
TEST_F(OutputFileTest, RefusesWhatWillBe) {
  ExpectRefused(CheckOutputFiles({Path("new")}, {folder_ + "/./new"}), Path("new"), "would overwrite");
  ExpectRefused(CheckOutputFiles({Path("new")}, {Path("new.unfinished")}), Path("new"), "would overwrite");
}

TEST_F(OutputFileTest, RefusesTwoOutputsInOneFile) {
  const std::string a = Path("a");
  for (const std::string& other : {a, folder_ + "/./a", Path("a.unfinished")}) {
    ExpectRefused(CheckOutputFiles({a, other}, {}), other, "it is also what");
    ExpectRefused(CheckOutputFiles({other, a}, {}), a, "it is also what");
  }
  WriteFile("a", "");
  std::filesystem::create_hard_link(a, Path("b"));
  ExpectRefused(CheckOutputFiles({a, Path("b")}, {}), Path("b"), "it is also what");
}

// The text there would be lost with the name of the file.
TEST_F(OutputFileTest, RefusesTheStandardStreams) {
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    const UniqueFd saved(::dup(stream));
    const UniqueFd file(::open(Path("log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    ASSERT_EQ(::dup2(file.get(), stream), stream);
    const absl::Status checked = CheckOutputFiles({Path("log")}, {});
    ASSERT_EQ(::dup2(saved.get(), stream), stream);
    ExpectRefused(checked, Path("log"), "the standard");
    EXPECT_TRUE(CheckOutputFiles({Path("log")}, {}).ok());
  }
}

TEST_F(OutputFileTest, RefusesWhatMayNotBeWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write anything";
  ASSERT_EQ(::chmod(WriteFile("file", "text").c_str(), 0400), 0);
  ExpectNeverWritten(Path("file"), "may not be written");
  ASSERT_EQ(::chmod(Path("file").c_str(), 0200), 0);
  ExpectNeverWritten(Path("file"), "cannot be read");
}

}  // namespace
}  // namespace slotwise
