// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/model_profile.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace slotwise {
namespace {

constexpr uint64_t KiBPerToken(uint64_t kib) { return kib * 1024 * kChunkTokens; }

constexpr uint64_t kLlama8b[] = {KiBPerToken(128)};
constexpr uint64_t kLlama70b[] = {KiBPerToken(320)};
constexpr uint64_t kLlama70bTp8[] = {KiBPerToken(40)};
constexpr uint64_t kQwen25Half[] = {KiBPerToken(12)};
constexpr uint64_t kQwen25Seven[] = {KiBPerToken(56)};
constexpr uint64_t kQwen3Eight[] = {KiBPerToken(144)};
constexpr uint64_t kQwen3Thirty[] = {KiBPerToken(96)};
constexpr uint64_t kQwen3ThirtyTwoTp4[] = {KiBPerToken(64)};
constexpr uint64_t kQwen3TwoThreeFiveTp4[] = {KiBPerToken(47)};
constexpr uint64_t kQwen3CoderTp8[] = {KiBPerToken(31)};
constexpr uint64_t kDeepSeekV3[] = {uint64_t{61} * 576 * 2 * kChunkTokens};  // layers * latent width * bf16
constexpr uint64_t kDeepSeekV4Flash[] = {1002240, 3219840};
constexpr uint64_t kGptOss120b[] = {KiBPerToken(72)};
constexpr uint64_t kGptOss20b[] = {KiBPerToken(48)};

constexpr ModelProfile kProfiles[] = {
    {"llama-3.1-8b", "meta-llama/Llama-3.1-8B-Instruct", kLlama8b},
    {"llama-70b", "meta-llama/Llama-3.1-70B-Instruct", kLlama70b},
    {"llama-70b-tp8", "meta-llama/Llama-3.1-70B-Instruct", kLlama70bTp8},
    {"qwen2.5-0.5b", "Qwen/Qwen2.5-0.5B-Instruct", kQwen25Half},
    {"qwen2.5-7b", "Qwen/Qwen2.5-7B-Instruct", kQwen25Seven},
    {"qwen3-8b", "Qwen/Qwen3-8B", kQwen3Eight},
    {"qwen3-30b-a3b", "Qwen/Qwen3-30B-A3B", kQwen3Thirty},
    {"qwen3-32b-tp4", "Qwen/Qwen3-32B", kQwen3ThirtyTwoTp4},
    {"qwen3-235b-tp4", "Qwen/Qwen3-235B-A22B", kQwen3TwoThreeFiveTp4},
    {"qwen3-coder-480b-tp8", "Qwen/Qwen3-Coder-480B-A35B-Instruct", kQwen3CoderTp8},
    {"deepseek-v3", "deepseek-ai/DeepSeek-V3", kDeepSeekV3},
    {"deepseek-v4-flash", "deepseek-ai/DeepSeek-V4-Flash", kDeepSeekV4Flash},
    {"gpt-oss-120b", "openai/gpt-oss-120b", kGptOss120b},
    {"gpt-oss-20b", "openai/gpt-oss-20b", kGptOss20b},
};

std::string KnownNames() {
  return absl::StrJoin(kProfiles, ", ",
                       [](std::string* out, const ModelProfile& profile) { out->append(profile.name); });
}

}  // namespace

std::span<const ModelProfile> ModelProfiles() { return kProfiles; }

absl::StatusOr<ModelProfile> FindModelProfile(std::string_view name) {
  const auto* found = std::find_if(std::begin(kProfiles), std::end(kProfiles),
                                   [&](const ModelProfile& profile) { return profile.name == name; });
  if (found != std::end(kProfiles)) return *found;
  return absl::InvalidArgumentError(absl::StrCat(
      "no model profile is called \"", absl::string_view(name.data(), name.size()), "\"; known are ", KnownNames()));
}

}  // namespace slotwise
