// SPDX-License-Identifier: Apache-2.0
#include "tools/chunk_stream.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"
#include "tools/model_profile.h"
#include "xxhash.h"

namespace slotwise {
namespace {

constexpr uint32_t kChunksPerBlock = kTraceBlockTokens / kChunkTokens;

// 256 bits in 64 hexadecimal digits, the form of the hashes upstream.
std::string ChunkHash(uint64_t block_id, uint32_t position, uint32_t tokens) {
  const std::array<uint64_t, 3> identity = {block_id, position, tokens};
  std::string hash;
  for (const uint64_t seed : {0, 1}) {
    const XXH128_hash_t half = XXH3_128bits_withSeed(identity.data(), sizeof(identity), seed);
    absl::StrAppend(&hash, absl::Hex(half.high64, absl::kZeroPad16), absl::Hex(half.low64, absl::kZeroPad16));
  }
  return hash;
}

}  // namespace

std::vector<Chunk> ChunkStream::Chunks(const TraceRequest& request) const {
  CHECK_GE(request.hash_ids.size() * kTraceBlockTokens, request.input_length);
  std::vector<Chunk> chunks;
  for (uint32_t start = 0; start < request.input_length; start += kChunkTokens) {
    const uint32_t tokens = std::min(kChunkTokens, request.input_length - start);
    if (tokens < kChunkTokens && !save_partial_) break;
    const uint32_t index = start / kChunkTokens;
    chunks.push_back(MakeChunk(request.hash_ids[index / kChunksPerBlock], index % kChunksPerBlock, tokens));
  }
  return chunks;
}

Chunk ChunkStream::MakeChunk(uint64_t block_id, uint32_t position, uint32_t tokens) const {
  const std::string hash = ChunkHash(block_id, position, tokens);
  const std::string_view model = sizer_.profile().key_name;
  Chunk chunk{.tokens = tokens, .objects = {}};
  for (size_t group = 0; group < sizer_.profile().groups(); ++group) {
    ChunkObject object;
    object.key = absl::StrCat(absl::string_view(model.data(), model.size()), "@0@", group, "@", hash);
    object.key_hash = XXH3_64bits(object.key.data(), object.key.size());
    object.payload_bytes = sizer_.Size(group, tokens, object.key_hash);
    chunk.objects.push_back(std::move(object));
  }
  return chunk;
}

}  // namespace slotwise
