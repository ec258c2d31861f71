// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulation_profile.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glog/logging.h"
#include "rawblock/disk/format.h"
#include "rawblock/eviction/eviction_policies.h"

namespace slotwise {
namespace {

constexpr std::array kScopes = {FaultScope::kNone, FaultScope::kNone, FaultScope::kPayloads, FaultScope::kAnywhere};
constexpr std::array<absl::string_view, 3> kScopeNames = {"power cuts", "power cuts and bad payloads",
                                                          "power cuts and bad media"};

absl::string_view AbslView(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

SimulationProfile::SimulationProfile(SeededRandom* random) {
  scope = kScopes[random->Below(kScopes.size())];
  engine = kAllocatorEngines[random->Below(kAllocatorEngines.size())];
  core.policy = random->OneIn(3) ? EvictionPolicyKind::kNone
                                 : EvictionPolicies()[random->Between(1, EvictionPolicies().size() - 1)].kind;
  core.commit_interval = absl::Milliseconds(random->Between(0, 20));
  core.operations_in_flight_max = static_cast<int>(random->Below(6));
  core.watermarks = random->OneIn(2) ? Watermarks{.low = 1.0 / 128, .high = 1.0 / 64} : Watermarks{.low = 0, .high = 0};
  alignment = std::array{512, 4096, 4096, 16384}[random->Below(4)];
  sector_bytes = std::min<uint32_t>(alignment, random->OneIn(2) ? 512 : 4096);
  garbage = random->OneIn(2);
  queue_depth = static_cast<int>(random->Between(1, 16));
  latency_max = absl::Microseconds(random->Between(1, 400));
  checkpoint_slowness = random->OneIn(4) ? 100 : 1;
  late_writes = scope == FaultScope::kAnywhere && random->OneIn(2);

  const bool many_long_keys = random->OneIn(8);  // so that a checkpoint has several chunks
  keys = many_long_keys ? 300 : random->Between(4, 32);
  max_key_bytes = many_long_keys ? format::kKeyBytesMax : static_cast<uint32_t>(random->Between(8, 200));
  max_entries = random->OneIn(4) ? std::max<uint64_t>(4, keys / 2) : 2 * keys;
  payload_blocks_max = many_long_keys ? 1 : random->Between(2, 8);
  data_blocks = many_long_keys ? random->Between(200, 400) : random->Between(32, 96);
  const absl::StatusOr<Layout> planned = ComputeLayout({.device_bytes = uint64_t{1} << 40,
                                                        .block_bytes = BlockBytes(alignment),
                                                        .max_entries = max_entries,
                                                        .max_key_bytes = max_key_bytes});
  CHECK_EQ(planned.status(), absl::OkStatus());
  layout = *planned;
  layout.data_blocks = data_blocks;
  layout.device_bytes = layout.data_offset + data_blocks * layout.block_bytes;
}

FormatOptions SimulationProfile::Format(SeededRandom* random) const {
  FormatOptions format;
  format.max_entries = max_entries;
  format.max_key_bytes = max_key_bytes;
  for (uint8_t& byte : format.uuid) byte = static_cast<uint8_t>(random->Next());
  format.salt = random->Next();
  format.force = true;
  format.allocator.engine = engine;
  const BlockCount full(payload_blocks_max);
  format.allocator.fixed_slot = full;
  format.allocator.slab = SlabDefaults(BlockCount(data_blocks), {&full, 1});
  format.allocator.extent.piece_min = BlockCount(1);
  return format;
}

std::string SimulationProfile::Description() const {
  return absl::StrCat(kScopeNames[static_cast<size_t>(scope)], ", ", AbslView(EngineName(engine)), ", evicting ",
                      AbslView(EvictionPolicyName(core.policy)), ", ", keys, " keys of up to ", max_key_bytes,
                      " bytes, ", data_blocks, " blocks of ", layout.block_bytes, ", payloads of up to ",
                      payload_blocks_max, " blocks, queue of ", queue_depth);
}

}  // namespace slotwise
