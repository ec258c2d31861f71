// SPDX-License-Identifier: Apache-2.0
#include "rawblock/store/same_file.h"

#include <fcntl.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"
#include "slotwise/unique_fd.h"

namespace slotwise {
namespace {

class SameFileTest : public testing::Test {
 protected:
  SameFileTest() {
    std::filesystem::create_directories(folder_ + "/inner");
    std::ofstream(folder_ + "/file") << "text";
    std::filesystem::create_hard_link(folder_ + "/file", folder_ + "/other_name");
    std::filesystem::create_symlink("file", folder_ + "/link");
    std::filesystem::create_directory_symlink(".", folder_ + "/here");
  }
  ~SameFileTest() override { std::filesystem::remove_all(folder_); }

  const std::string folder_ = testing::TempDir() + "/same_file_test";
};

TEST_F(SameFileTest, SeesThroughNamesAndLinks) {
  for (const char* name : {"/file", "/./file", "/inner/../file", "/other_name", "/link", "/here/file", "/here/link"}) {
    EXPECT_TRUE(SameFile(folder_ + "/file", folder_ + name)) << name;
    EXPECT_TRUE(SameFile(folder_ + name, folder_ + "/file")) << name;
  }
  std::ofstream(folder_ + "/inner/file") << "text";
  for (const char* name : {"/inner/file", "/inner", "/missing", "/missing/file"}) {
    EXPECT_FALSE(SameFile(folder_ + "/file", folder_ + name)) << name;
  }
}

TEST_F(SameFileTest, ComparesWhatIsNotThereYet) {
  EXPECT_TRUE(SameFile(folder_ + "/new", folder_ + "/here/new"));
  EXPECT_FALSE(SameFile(folder_ + "/new", folder_ + "/newer"));
  EXPECT_FALSE(SameFile(folder_ + "/new", folder_ + "/inner/new"));
  EXPECT_FALSE(SameFile(folder_ + "/nowhere/new", folder_ + "/nowhere/new"));
  EXPECT_FALSE(SameFile(std::string(), std::string()));
}

TEST_F(SameFileTest, ComparesWithADescriptor) {
  const UniqueFd file(::open((folder_ + "/file").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(file.valid());
  EXPECT_TRUE(SameFile(folder_ + "/other_name", file.get()));
  EXPECT_FALSE(SameFile(folder_ + "/inner", file.get()));
  EXPECT_FALSE(SameFile(folder_ + "/missing", file.get()));
  EXPECT_FALSE(SameFile(folder_ + "/file", -1));
}

}  // namespace
}  // namespace slotwise
