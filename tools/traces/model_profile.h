// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_MODEL_PROFILE_H_
#define SLOTWISE_TOOLS_TRACES_MODEL_PROFILE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"

namespace slotwise {

// The unit in which an inference engine stores KV cache.
inline constexpr uint32_t kChunkTokens = 256;

// How much KV cache one rank of a model keeps per chunk, all layers together,
// bf16 where nothing else is said. Most models keep one object per chunk; one
// whose layers differ in kind keeps one per group of layers.
struct ModelProfile {
  std::string_view name;                  // what --model takes: "llama-3.1-8b"
  std::string_view key_name;              // how the model is named in keys: "meta-llama/Llama-3.1-8B-Instruct"
  std::span<const uint64_t> chunk_bytes;  // of a full chunk, one per object group

  size_t groups() const { return chunk_bytes.size(); }
};

// Every profile, in the order the help lists them. The data live forever.
std::span<const ModelProfile> ModelProfiles();

// The profile called `name`; InvalidArgument that lists the known names if
// there is none.
absl::StatusOr<ModelProfile> FindModelProfile(std::string_view name);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_MODEL_PROFILE_H_
