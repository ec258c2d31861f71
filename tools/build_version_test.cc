// SPDX-License-Identifier: Apache-2.0
#include "tools/build_version.h"

#include <regex>
#include <string>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(BuildVersionTest, IsACommitOrUnknown) {
  const std::string commit(BuildCommit());
  EXPECT_TRUE(std::regex_match(commit, std::regex("[0-9a-f]{40}(-dirty)?|unknown"))) << commit;
}

}  // namespace
}  // namespace slotwise
