// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/model_profile.h"

#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

constexpr uint64_t kMiB = 1024 * 1024;

TEST(ModelProfileTest, ChunksHaveTheSizesOfTheModels) {
  const std::map<std::string_view, std::vector<uint64_t>> expected = {
      {"llama-3.1-8b", {32 * kMiB}},       {"llama-70b", {80 * kMiB}},     {"llama-70b-tp8", {10 * kMiB}},
      {"qwen2.5-0.5b", {3 * kMiB}},        {"qwen2.5-7b", {14 * kMiB}},    {"qwen3-8b", {36 * kMiB}},
      {"qwen3-30b-a3b", {24 * kMiB}},      {"qwen3-32b-tp4", {16 * kMiB}}, {"qwen3-235b-tp4", {12320768}},
      {"qwen3-coder-480b-tp8", {8126464}}, {"deepseek-v3", {17989632}},    {"deepseek-v4-flash", {1002240, 3219840}},
      {"gpt-oss-120b", {18 * kMiB}},       {"gpt-oss-20b", {12 * kMiB}},
  };
  EXPECT_EQ(ModelProfiles().size(), expected.size());
  for (const auto& [name, sizes] : expected) {
    const absl::StatusOr<ModelProfile> profile = FindModelProfile(name);
    ASSERT_TRUE(profile.ok()) << profile.status();
    EXPECT_EQ(std::vector<uint64_t>(profile->chunk_bytes.begin(), profile->chunk_bytes.end()), sizes) << name;
  }
}

TEST(ModelProfileTest, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const ModelProfile& profile : ModelProfiles()) EXPECT_TRUE(names.insert(profile.name).second) << profile.name;
}

TEST(ModelProfileTest, AnUnknownNameListsTheKnownOnes) {
  const absl::Status status = FindModelProfile("gpt-9").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  for (const ModelProfile& profile : ModelProfiles()) {
    EXPECT_NE(status.message().find(absl::string_view(profile.name.data(), profile.name.size())),
              absl::string_view::npos);
  }
}

}  // namespace
}  // namespace slotwise
