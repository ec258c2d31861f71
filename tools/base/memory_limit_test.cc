// SPDX-License-Identifier: Apache-2.0
#include "tools/base/memory_limit.h"

#include <sys/resource.h>

#include <cstdlib>
#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();

TEST(MemoryLimitTest, RefusesWhatNoMachineHas) {
  EXPECT_TRUE(CheckMemory("--requests 1000", 1000, 1000).ok());
  EXPECT_TRUE(CheckMemory("--requests 0", 0, kMax).ok());
  EXPECT_TRUE(CheckMemory("nothing", kMax, 0).ok());
  const absl::Status status = CheckMemory("--requests 9", uint64_t{1} << 50, 1);
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), testing::StartsWith("--requests 9: that takes about 1024 TiB of memory"));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckMemory("", kMax, kMax)));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckMemory("", 1, kMax)));
}

TEST(MemoryLimitTest, IsHalfOfWhatThereIs) {
  const uint64_t limit = MemoryLimit();
  EXPECT_GT(limit, uint64_t{64} << 20);
  EXPECT_TRUE(CheckMemory("", 1, limit / 2).ok());
  EXPECT_FALSE(CheckMemory("", 1, limit / 2 + 1).ok());
}

// In a process of its own. Sanitizers have mapped far more before main().
TEST(MemoryLimitTest, FollowsTheLimitOfTheProcess) {
  if (std::getenv("SLOTWISE_SANITIZER") != nullptr) GTEST_SKIP() << "a sanitizer needs the address space";
  const auto limited = [] {
    const rlimit limit = {.rlim_cur = uint64_t{1} << 30, .rlim_max = uint64_t{1} << 30};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) std::_Exit(1);
    std::_Exit(MemoryLimit() <= uint64_t{1} << 30 && !CheckMemory("", 1, 600 << 20).ok() ? 0 : 2);
  };
  EXPECT_EXIT(limited(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace slotwise
