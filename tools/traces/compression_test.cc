// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/compression.h"

#include <cmath>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

TEST(CompressionTest, Parses) {
  EXPECT_EQ(ParseCompression("3.9")->mean, 3.9);
  EXPECT_EQ(ParseCompression("3.9")->spread, 0);
  EXPECT_EQ(ParseCompression("3.9,0.15")->spread, 0.15);
  EXPECT_EQ(ParseCompression("3.9,0.15")->ToString(), "3.9,0.15");
}

TEST(CompressionTest, RefusesWithTheTextItRefuses) {
  for (const char* text : {"", "0", "0.5", "-2", "3.9,", ",0.1", "3.9,-0.1", "3.9,0.5", "3.9,0.1,1", "3.9 ,0.1", "nan",
                           "inf", "1e9", "3,9x", "2000"}) {
    const absl::StatusOr<Compression> compression = ParseCompression(text);
    ASSERT_FALSE(compression.ok()) << text;
    EXPECT_NE(compression.status().message().find(absl::string_view(text)), absl::string_view::npos);
  }
}

TEST(CompressionTest, WithoutSpreadEveryRatioIsTheMean) {
  for (uint64_t key = 0; key < 100; ++key) EXPECT_EQ((Compression{3.9, 0}.Ratio(key, 1)), 3.9);
}

TEST(CompressionTest, RatiosHaveTheMeanAndTheSpread) {
  constexpr int kKeys = 100'000;
  const Compression compression{3.9, 0.15};
  double sum = 0;
  double squares = 0;
  for (uint64_t key = 0; key < kKeys; ++key) {
    const double ratio = compression.Ratio(key, 7);
    ASSERT_GE(ratio, compression.ratio_min());
    ASSERT_LE(ratio, 3.9 * 1.45 + 1e-9);
    sum += ratio;
    squares += ratio * ratio;
  }
  const double mean = sum / kKeys;
  EXPECT_NEAR(mean, 3.9, 0.01);
  EXPECT_NEAR(std::sqrt(squares / kKeys - mean * mean), 3.9 * 0.15, 0.01);
}

TEST(CompressionTest, NoChunkGrows) {
  const Compression compression{1.1, 0.3};
  EXPECT_EQ(compression.ratio_min(), 1);
  for (uint64_t key = 0; key < 1000; ++key) EXPECT_GE(compression.Ratio(key, 1), 1);
}

TEST(CompressionTest, KeyAndSeedDecideTheRatio) {
  const Compression compression{3.9, 0.15};
  EXPECT_EQ(compression.Ratio(1, 1), compression.Ratio(1, 1));
  EXPECT_NE(compression.Ratio(1, 1), compression.Ratio(2, 1));
  EXPECT_NE(compression.Ratio(1, 1), compression.Ratio(1, 2));
}

}  // namespace
}  // namespace slotwise
