// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/scenario.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"
#include "tools/traces/compression.h"
#include "tools/traces/model_profile.h"
#include "tools/traces/scale.h"

namespace slotwise {
namespace {

constexpr Compression kNone{};
constexpr Compression kCacheGen{.mean = 3.9, .spread = 0.15};
constexpr Compression kZstd{.mean = 1.3, .spread = 0.06};

// A scenario of more than one full chunk of one model.
struct NamedScenario {
  std::string_view name;
  std::vector<std::string_view> models;
  Compression compression = kNone;
  Chunking chunking = Chunking::kFull;
  TenantChoice choice = TenantChoice::kByConversation;
};

std::vector<NamedScenario> NamedScenarios() {
  return {
      {.name = "tensor_parallel_mix", .models = {"llama-70b", "llama-70b-tp8", "qwen3-32b-tp4"}},
      {.name = "prefill_decode", .models = {"deepseek-v3"}, .chunking = Chunking::kPrefillSteps},
      {.name = "two_models", .models = {"llama-3.1-8b", "deepseek-v3"}},
      {.name = "three_models", .models = {"llama-3.1-8b", "deepseek-v3", "llama-70b-tp8"}},
      {.name = "cachegen", .models = {"llama-3.1-8b"}, .compression = kCacheGen},
      {.name = "zstd", .models = {"llama-3.1-8b"}, .compression = kZstd},
      {.name = "model_switch", .models = {"qwen3-coder-480b-tp8", "llama-3.1-8b"}, .choice = TenantChoice::kInTurn},
  };
}

ScenarioSpec SpecOf(const NamedScenario& named, uint64_t seed) {
  ScenarioSpec spec{.name = std::string(named.name), .tenants = {}, .choice = named.choice};
  for (const std::string_view model : named.models) {
    const absl::StatusOr<ModelProfile> profile = FindModelProfile(model);
    CHECK(profile.ok()) << profile.status();
    spec.tenants.push_back(
        {.sizer = PayloadSizer(*profile, Scale{}, named.compression, seed), .chunking = named.chunking});
  }
  return spec;
}

// Says who a conversation is: its second block, for the first is everybody's.
uint64_t ConversationOf(const TraceRequest& request) {
  return request.hash_ids[std::min<size_t>(1, request.hash_ids.size() - 1)];
}

}  // namespace

absl::StatusOr<ScenarioSpec> FindScenario(std::string_view name, uint64_t seed) {
  const std::vector<NamedScenario> scenarios = NamedScenarios();
  const auto found = std::find_if(scenarios.begin(), scenarios.end(),
                                  [&](const NamedScenario& scenario) { return scenario.name == name; });
  if (found != scenarios.end()) return SpecOf(*found, seed);
  if (FindModelProfile(name).ok()) return SpecOf({.name = name, .models = {name}}, seed);
  return absl::InvalidArgumentError(absl::StrCat("no scenario is called \"",
                                                 absl::string_view(name.data(), name.size()), "\"; known are ",
                                                 absl::StrJoin(ScenarioNames(), ", "), ", and every model profile"));
}

std::vector<std::string> ScenarioNames() {
  std::vector<std::string> names = {"llama-3.1-8b", "qwen3-coder-480b-tp8", "deepseek-v4-flash"};
  for (const NamedScenario& scenario : NamedScenarios()) names.emplace_back(scenario.name);
  return names;
}

Scenario::Scenario(const ScenarioSpec& spec, std::span<const TraceRequest> trace) : spec_(spec) {
  CHECK(!trace.empty());
  std::vector<ChunkStream> streams;
  for (const Tenant& tenant : spec.tenants) streams.emplace_back(tenant.sizer, tenant.chunking);
  absl::flat_hash_map<std::pair<size_t, uint64_t>, uint32_t> known;  // by tenant and key of the first object
  for (size_t i = 0; i < trace.size(); ++i) {
    const size_t tenant = TenantOf(trace, i);
    ScenarioRequest& request = requests_.emplace_back();
    request.timestamp_ms = trace[i].timestamp_ms;
    request.prompt_tokens = trace[i].input_length;
    for (const Chunk& chunk : streams[tenant].Chunks(trace[i])) {
      const auto number = static_cast<uint32_t>(chunks_.size());
      const auto [it, is_new] = known.try_emplace({tenant, chunk.objects.front().key_hash}, number);
      const uint32_t parent = request.chunks.empty() ? it->second : request.chunks.back();
      request.chunks.push_back(it->second);
      if (!is_new) continue;
      chunks_.push_back({.tokens = chunk.tokens,
                         .first_object = static_cast<uint32_t>(object_bytes_.size()),
                         .objects = static_cast<uint32_t>(chunk.objects.size()),
                         .parent = parent});
      for (const ChunkObject& object : chunk.objects) {
        object_bytes_.push_back(object.payload_bytes);
        working_set_bytes_ += object.payload_bytes;
      }
    }
  }
}

size_t Scenario::TenantOf(std::span<const TraceRequest> trace, size_t request) const {
  const size_t tenants = spec_.tenants.size();
  if (spec_.choice == TenantChoice::kInTurn) return request * tenants / trace.size();
  return ConversationOf(trace[request]) % tenants;
}

std::vector<uint64_t> Scenario::FullSizes() const {
  std::vector<uint64_t> sizes;
  for (const Tenant& tenant : spec_.tenants) {
    for (size_t group = 0; group < tenant.sizer.profile().groups(); ++group) {
      sizes.push_back(tenant.sizer.size_max(group));
    }
  }
  return sizes;
}

bool Scenario::SizesVary() const {
  return std::any_of(spec_.tenants.begin(), spec_.tenants.end(),
                     [](const Tenant& tenant) { return tenant.sizer.size_max(0) != tenant.sizer.size_mean(0); });
}

uint64_t Scenario::UncompressedSizeMax() const {
  uint64_t largest = 0;
  for (const Tenant& tenant : spec_.tenants) {
    for (const uint64_t bytes : tenant.sizer.profile().chunk_bytes) largest = std::max(largest, bytes);
  }
  return largest;
}

}  // namespace slotwise
