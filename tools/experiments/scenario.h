// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_EXPERIMENTS_SCENARIO_H_
#define SLOTWISE_TOOLS_EXPERIMENTS_SCENARIO_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/traces/chunk_stream.h"
#include "tools/traces/payload_sizer.h"
#include "tools/traces/trace_request.h"

namespace slotwise {

// One engine that stores its KV cache in the store.
struct Tenant {
  PayloadSizer sizer;
  Chunking chunking = Chunking::kFull;
};

// Who serves a request.
enum class TenantChoice : uint8_t {
  kByConversation,  // each conversation stays with one tenant
  kInTurn,          // the first tenant serves the first part of the trace, and so on
};

// What is stored of a trace, and how.
struct ScenarioSpec {
  std::string name;
  std::vector<Tenant> tenants;  // at least one
  TenantChoice choice = TenantChoice::kByConversation;
};

// The specification called `name`: one of ScenarioNames(), or a model profile, which
// stores full chunks uncompressed. `seed` varies how well each chunk is compressed.
// InvalidArgument that lists the names for any other.
absl::StatusOr<ScenarioSpec> FindScenario(std::string_view name, uint64_t seed);

// Those that an experiment runs when none is named, in this order.
//   llama-3.1-8b, qwen3-coder-480b-tp8   one size
//   deepseek-v4-flash    two object groups, 1.0 and 3.2 MB
//   tensor_parallel_mix  llama-70b at TP 1 and TP 8, qwen3-32b at TP 4: 80, 10 and 16 MiB
//   prefill_decode       deepseek-v3, prompts computed in steps of 256 to 2048 tokens
//   two_models           llama-3.1-8b and deepseek-v3 share the store
//   three_models         llama-3.1-8b, deepseek-v3 and llama-70b at TP 8: 32, 17 and 10 MiB
//   cachegen             llama-3.1-8b compressed 3.9 times, spread 15 %
//   zstd                 llama-3.1-8b compressed 1.3 times, spread 6 %
//   model_switch         qwen3-coder-480b-tp8, and halfway llama-3.1-8b in its place
std::vector<std::string> ScenarioNames();

// A chunk that some request uses.
struct ScenarioChunk {
  uint32_t tokens = 0;
  uint32_t first_object = 0;  // its objects are numbered consecutively
  uint32_t objects = 0;
  uint32_t parent = 0;  // the chunk before it in every prompt; itself if it is the first
};

struct ScenarioRequest {
  uint64_t timestamp_ms = 0;
  uint32_t prompt_tokens = 0;
  std::vector<uint32_t> chunks;  // numbers of chunks, in prompt order
};

// A trace as a store sees it: what each request wants, in numbers instead of keys.
// Made once and shared by all runs over it.
class Scenario {
 public:
  // REQUIRES: `trace` is not empty.
  Scenario(const ScenarioSpec& spec, std::span<const TraceRequest> trace);

  const ScenarioSpec& spec() const { return spec_; }
  std::span<const ScenarioRequest> requests() const { return requests_; }
  std::span<const ScenarioChunk> chunks() const { return chunks_; }
  // The payload bytes of each object.
  std::span<const uint64_t> object_bytes() const { return object_bytes_; }
  // The bytes of all objects together: what a store that forgets nothing holds.
  uint64_t working_set_bytes() const { return working_set_bytes_; }
  // The payload sizes of full chunks, in bytes, per tenant and group.
  std::vector<uint64_t> FullSizes() const;
  // Whether chunks of one kind differ in size, as compressed ones do.
  bool SizesVary() const;
  // The largest payload that the tenants would have without compression, in bytes.
  uint64_t UncompressedSizeMax() const;

 private:
  size_t TenantOf(std::span<const TraceRequest> trace, size_t request) const;

  ScenarioSpec spec_;
  std::vector<ScenarioRequest> requests_;
  std::vector<ScenarioChunk> chunks_;
  std::vector<uint64_t> object_bytes_;
  uint64_t working_set_bytes_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_EXPERIMENTS_SCENARIO_H_
