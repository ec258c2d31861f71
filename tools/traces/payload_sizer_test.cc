// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/payload_sizer.h"

#include <cstdint>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

PayloadSizer Sizer(const char* model, Scale scale = {}, Compression compression = {}) {
  return PayloadSizer(*FindModelProfile(model), scale, compression, /*seed=*/1);
}

TEST(PayloadSizerTest, FullChunksHaveTheProfilesSize) {
  EXPECT_EQ(Sizer("qwen3-8b").Size(0, 256, 5), 37748736u);
  EXPECT_EQ(Sizer("deepseek-v4-flash").Size(0, 256, 5), 1002240u);
  EXPECT_EQ(Sizer("deepseek-v4-flash").Size(1, 256, 5), 3219840u);
}

TEST(PayloadSizerTest, PartialChunksTakeTheirShare) {
  EXPECT_EQ(Sizer("qwen3-8b").Size(0, 1, 5), 147456u);
  EXPECT_EQ(Sizer("qwen3-8b").Size(0, 128, 5), 37748736u / 2);
}

TEST(PayloadSizerTest, ScalesAndCompresses) {
  EXPECT_EQ(Sizer("qwen3-8b", {1, 256}).Size(0, 256, 5), 147456u);
  EXPECT_EQ(Sizer("qwen3-8b", {1, 256}, {4, 0}).Size(0, 256, 5), 36864u);
  EXPECT_EQ(Sizer("deepseek-v4-flash", {1, 256}).Size(0, 256, 5), 3915u);
  EXPECT_EQ(Sizer("deepseek-v4-flash", {1, 256}).Size(1, 256, 5), 12578u);  // 12577.5
}

TEST(PayloadSizerTest, BoundsFullChunks) {
  EXPECT_EQ(Sizer("qwen3-8b", {1, 256}).size_max(0), 147456u);
  EXPECT_EQ(Sizer("qwen3-8b", {1, 256}).size_mean(0), 147456u);
  EXPECT_EQ(Sizer("qwen3-8b", {1, 256}, {4, 0.25}).size_max(0), 147456u);
  EXPECT_EQ(Sizer("qwen3-8b", {1, 256}, {4, 0.25}).size_mean(0), 36864u);
}

TEST(PayloadSizerTest, IsNeverZero) { EXPECT_EQ(Sizer("qwen2.5-0.5b", {1, 4294967295}).Size(0, 1, 5), 1u); }

RC_GTEST_PROP(PayloadSizerTest, NoPayloadExceedsTheLargestFullChunk, (uint64_t key, uint32_t t)) {
  const uint32_t tokens = 1 + t % kChunkTokens;
  const PayloadSizer sizer = Sizer("deepseek-v3", {1, 64}, {3.9, 0.15});
  RC_ASSERT(sizer.Size(0, tokens, key) > 0);
  RC_ASSERT(sizer.Size(0, tokens, key) <= sizer.size_max(0));
  RC_ASSERT(sizer.Size(0, tokens, key) <= sizer.Size(0, kChunkTokens, key));
}

}  // namespace
}  // namespace slotwise
