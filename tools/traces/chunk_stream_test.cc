// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/chunk_stream.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "tools/traces/compression.h"
#include "tools/traces/model_profile.h"
#include "tools/traces/payload_sizer.h"
#include "tools/traces/scale.h"
#include "tools/traces/trace_generator.h"
#include "tools/traces/trace_request.h"

namespace slotwise {
namespace {

ChunkStream Stream(const char* model, Chunking chunking) {
  return ChunkStream(PayloadSizer(*FindModelProfile(model), Scale{}, Compression{}, /*seed=*/1), chunking);
}

TEST(ChunkStreamTest, OnlyCoveredChunksAreFull) {
  struct Case {
    uint32_t input_length;
    size_t full;
    uint32_t tail;
  };
  for (const Case& c : std::vector<Case>{{1, 0, 1},
                                         {255, 0, 255},
                                         {256, 1, 0},
                                         {257, 1, 1},
                                         {511, 1, 255},
                                         {512, 2, 0},
                                         {513, 2, 1},
                                         {1023, 3, 255},
                                         {1024, 4, 0}}) {
    TraceRequest request{0, c.input_length, 0, std::vector<uint64_t>((c.input_length + 511) / 512)};
    EXPECT_EQ(Stream("qwen3-8b", Chunking::kFull).Chunks(request).size(), c.full) << c.input_length;
    const std::vector<Chunk> chunks = Stream("qwen3-8b", Chunking::kPartialTail).Chunks(request);
    ASSERT_EQ(chunks.size(), c.full + (c.tail > 0 ? 1 : 0)) << c.input_length;
    EXPECT_EQ(chunks.back().tokens, c.tail > 0 ? c.tail : kChunkTokens) << c.input_length;
  }
}

TEST(ChunkStreamTest, KeysLookLikeUpstreams) {
  const std::vector<Chunk> chunks = Stream("deepseek-v4-flash", Chunking::kFull).Chunks({0, 256, 0, {9}});
  ASSERT_EQ(chunks[0].objects.size(), 2u);
  const std::string& first = chunks[0].objects[0].key;
  const std::string& second = chunks[0].objects[1].key;
  EXPECT_EQ(first.substr(0, first.size() - 64), "deepseek-ai/DeepSeek-V4-Flash@0@0@");
  EXPECT_EQ(second.substr(0, second.size() - 64), "deepseek-ai/DeepSeek-V4-Flash@0@1@");
  EXPECT_EQ(first.substr(first.size() - 64), second.substr(second.size() - 64));
  EXPECT_EQ(first.substr(first.size() - 64).find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(chunks[0].objects[0].payload_bytes, 1002240u);
  EXPECT_EQ(chunks[0].objects[1].payload_bytes, 3219840u);
}

TEST(ChunkStreamTest, APartialTailHasAKeyOfItsOwn) {
  const ChunkStream stream = Stream("qwen3-8b", Chunking::kPartialTail);
  absl::flat_hash_set<std::string> keys;
  for (uint32_t tokens = 1; tokens <= kChunkTokens; ++tokens) {
    EXPECT_TRUE(keys.insert(stream.Chunks({0, tokens, 0, {9}})[0].objects[0].key).second) << tokens;
  }
}

// Prompts share keys exactly as far as they share block ids and both are full.
RC_GTEST_PROP(ChunkStreamTest, SharedBlocksAreSharedKeys, (uint32_t a, uint32_t b, uint8_t shared)) {
  const auto request = [&](uint32_t length, uint64_t first_own_id) {
    TraceRequest made{0, 1 + length % 20'000, 0, {}};
    for (uint64_t i = 0; i * 512 < made.input_length; ++i) made.hash_ids.push_back(i < shared ? i : first_own_id + i);
    return made;
  };
  const ChunkStream stream = Stream("qwen3-8b", Chunking::kFull);
  const std::vector<Chunk> left = stream.Chunks(request(a, 1000));
  const std::vector<Chunk> right = stream.Chunks(request(b, 2000));
  for (size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
    RC_ASSERT((left[i].objects[0].key == right[i].objects[0].key) == (i < size_t{shared} * 2));
  }
}

// Whatever a prompt looks like, its steps cover it; a step ends with its only partial chunk,
// or with none, if its length is a multiple of a chunk's.
RC_GTEST_PROP(ChunkStreamTest, StepsAreOf256To2048Tokens, (uint32_t length, uint64_t first_id)) {
  TraceRequest request{0, 1 + length % 20'000, 0, {}};
  for (uint64_t i = 0; i * 512 < request.input_length; ++i) request.hash_ids.push_back(first_id + i);
  uint32_t tokens = 0;
  uint32_t step = 0;
  for (const Chunk& chunk : Stream("qwen3-8b", Chunking::kPrefillSteps).Chunks(request)) {
    tokens += chunk.tokens;
    step += chunk.tokens;
    RC_ASSERT(step <= 3 * 2048u);
    if (chunk.tokens == kChunkTokens) continue;
    RC_ASSERT(step >= 256u || tokens == request.input_length);
    step = 0;
  }
  RC_ASSERT(tokens == request.input_length);
}

TEST(ChunkStreamTest, PromptsShareTheStepsOfTheirCommonPrefix) {
  TraceRequest a{0, 10'000, 0, std::vector<uint64_t>(20)};
  std::iota(a.hash_ids.begin(), a.hash_ids.end(), 0);
  TraceRequest b = a;
  std::iota(b.hash_ids.begin() + 10, b.hash_ids.end(), 100);
  const std::vector<Chunk> left = Stream("qwen3-8b", Chunking::kPrefillSteps).Chunks(a);
  const std::vector<Chunk> right = Stream("qwen3-8b", Chunking::kPrefillSteps).Chunks(b);
  uint32_t end = 0;
  for (size_t i = 0; i < std::min(left.size(), right.size()) && end + left[i].tokens <= 10 * 512; ++i) {
    EXPECT_EQ(left[i].objects[0].key, right[i].objects[0].key);
    end += left[i].tokens;
  }
  EXPECT_GT(end, 9u * 512);
}

TEST(ChunkStreamTest, AKeyHasOneSizeAndOneHashOfItsOwn) {
  const PayloadSizer sizer(*FindModelProfile("deepseek-v4-flash"), Scale{1, 16}, Compression{3.9, 0.15}, /*seed=*/1);
  const ChunkStream stream(sizer, Chunking::kPartialTail);
  absl::flat_hash_map<std::string, uint64_t> sizes;
  absl::flat_hash_set<uint64_t> hashes;
  for (const TraceRequest& request : GenerateTrace(1, 300)) {
    for (const Chunk& chunk : stream.Chunks(request)) {
      for (const ChunkObject& object : chunk.objects) {
        const auto [known, is_new] = sizes.try_emplace(object.key, object.payload_bytes);
        EXPECT_EQ(known->second, object.payload_bytes);
        EXPECT_EQ(hashes.insert(object.key_hash).second, is_new);
      }
    }
  }
}

}  // namespace
}  // namespace slotwise
