// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/chunk_stream.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"
#include "tools/traces/model_profile.h"
#include "xxhash.h"

namespace slotwise {
namespace {

constexpr uint32_t kStepTokensMin = 256;
constexpr uint32_t kStepTokensMax = 2048;

// 256 bits in 64 hexadecimal digits, the form of the hashes upstream.
std::string ChunkHash(uint64_t block_id, uint32_t end, uint32_t tokens) {
  const std::array<uint64_t, 3> identity = {block_id, end, tokens};
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
  for (uint32_t start = 0; start < request.input_length;) {
    const uint32_t step_end = StepEnd(request, start);
    for (; start < step_end;) {
      const uint32_t tokens = std::min(kChunkTokens, step_end - start);
      start += tokens;
      if (tokens == kChunkTokens || chunking_ != Chunking::kFull) chunks.push_back(MakeChunk(request, start, tokens));
    }
  }
  return chunks;
}

uint32_t ChunkStream::StepEnd(const TraceRequest& request, uint32_t start) const {
  if (chunking_ != Chunking::kPrefillSteps) return request.input_length;
  const std::array<uint64_t, 2> identity = {request.hash_ids[start / kTraceBlockTokens], start % kTraceBlockTokens};
  const uint64_t draw = XXH3_64bits(identity.data(), sizeof(identity));
  const auto tokens = static_cast<uint32_t>(kStepTokensMin + draw % (kStepTokensMax - kStepTokensMin + 1));
  return std::min(request.input_length, start + tokens);
}

Chunk ChunkStream::MakeChunk(const TraceRequest& request, uint32_t end, uint32_t tokens) const {
  const uint32_t block = (end - 1) / kTraceBlockTokens;
  const std::string hash = ChunkHash(request.hash_ids[block], end - block * kTraceBlockTokens, tokens);
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
