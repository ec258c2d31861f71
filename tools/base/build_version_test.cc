// SPDX-License-Identifier: Apache-2.0
#include "tools/base/build_version.h"

#include <string_view>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(BuildVersionTest, IsACommitOrUnknown) {
  std::string_view commit = BuildCommit();
  if (commit.ends_with("-dirty")) commit.remove_suffix(std::string_view("-dirty").size());
  const bool is_hash = commit.size() == 40 && commit.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  EXPECT_TRUE(is_hash || commit == "unknown") << BuildCommit();
}

}  // namespace
}  // namespace slotwise
