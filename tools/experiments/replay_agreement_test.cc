// SPDX-License-Identifier: Apache-2.0
// The simulation against the store: the same trace, engine, policy and capacity, on a
// real file.
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "allocator/allocator_options.h"
#include "gtest/gtest.h"
#include "iouring/aligned_buffer.h"
#include "iouring/open_device.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/eviction/eviction_policies.h"
#include "rawblock/eviction/evictor.h"
#include "rawblock/make/format_plan.h"
#include "tools/experiments/capacity_report.h"
#include "tools/experiments/capacity_simulator.h"
#include "tools/experiments/scenario.h"
#include "tools/experiments/simulated_space.h"
#include "tools/replay/trace_replayer.h"
#include "tools/stores/store_plan.h"
#include "tools/traces/chunk_stream.h"
#include "tools/traces/trace_generator.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

struct Agreement {
  std::string name;
  Engine engine;
  const char* model;
  Compression compression;
  Chunking chunking;
  EvictionPolicyKind policy = EvictionPolicyKind::kLru;
};

class ReplayAgreementTest : public testing::TestWithParam<Agreement> {
 protected:
  // One put at a time, so that the order in which they end is not the machine's choice; and room enough ahead of
  // demand that none waits for a removal to be durable, which in the simulation it is at once.
  static constexpr size_t kBuffers = 1;
  static constexpr Watermarks kWatermarks{.low = 0.02, .high = 0.04};
  static constexpr size_t kBufferBytes = 256 << 10;

  ~ReplayAgreementTest() override { std::filesystem::remove(path_); }

  PayloadSizer Sizer() const {
    return PayloadSizer(*FindModelProfile(GetParam().model), Scale{1, 256}, GetParam().compression, /*seed=*/1);
  }

  ReplayResult ReplayOnFile(const std::vector<TraceRequest>& trace, uint64_t capacity, StoreHeader* header) {
    StoreRequest request;
    request.path = path_;
    request.capacity_bytes = capacity;
    request.engine = GetParam().engine;
    request.sizes = ChunkSizesOf(Sizer());
    request.queue_depth = kBuffers;
    request.buffered = true;
    absl::StatusOr<OpenedDevice> opened = OpenPlannedStore(PlanStoreToUse(request).value());
    EXPECT_TRUE(opened.ok()) << opened.status();
    SystemClock clock;
    AlignedBuffer arena(kBuffers * kBufferBytes, 4096);
    const auto core =
        RawBlockCore::Open(opened->device.get(), &clock, {.policy = GetParam().policy, .watermarks = kWatermarks})
            .value();
    *header = core->header();
    TraceReplayer replayer(core.get(), &clock, arena.span(), {.buffer_bytes = kBufferBytes}, /*observer=*/nullptr);
    const ChunkStream stream(Sizer(), GetParam().chunking);
    for (const TraceRequest& one : trace) {
      EXPECT_TRUE(replayer.Replay(stream.Chunks(one), one.input_length).ok());
    }
    core->CheckInvariants();
    return replayer.result();
  }

  CapacityResult Simulate(const std::vector<TraceRequest>& trace, const StoreHeader& header) {
    const Scenario scenario({.name = "replay", .tenants = {{.sizer = Sizer(), .chunking = GetParam().chunking}}},
                            trace);
    const auto space = MakeAllocatedSpace(header.allocator, header.layout.data_blocks * header.layout.block_bytes,
                                          static_cast<uint32_t>(scenario.object_bytes().size()))
                           .value();
    const auto policy = MakeEvictionPolicy(GetParam().policy, space->capacity());
    CapacitySimulator simulator(&scenario, space.get(), policy.get(), kWatermarks);
    while (!simulator.done()) simulator.Step();
    simulator.CheckInvariants();
    return simulator.result();
  }

  const std::string path_ = testing::TempDir() + "/replay_agreement_" + GetParam().name;
};

TEST_P(ReplayAgreementTest, HitsAndUtilisationAreThoseOfTheStore) {
  const std::vector<TraceRequest> trace = GenerateTrace(/*seed=*/11, 250);
  StoreHeader header;
  const ReplayResult replayed = ReplayOnFile(trace, uint64_t{96} << 20, &header);
  const CapacityResult simulated = Simulate(trace, header);
  ASSERT_GT(replayed.evictions, 1000u) << "the store never got full";
  const double replayed_ratio =
      static_cast<double>(replayed.prompt_tokens_hit) / static_cast<double>(replayed.prompt_tokens);
  EXPECT_DOUBLE_EQ(replayed_ratio, TokenHitRatio(simulated));
  EXPECT_DOUBLE_EQ(replayed.utilisation_mean, simulated.utilisation_mean);
  EXPECT_DOUBLE_EQ(replayed.utilisation_min, simulated.utilisation_min);
  EXPECT_EQ(replayed.refused_puts, simulated.refused());
}

constexpr Compression kNone{};
constexpr Compression kCacheGen{.mean = 3.9, .spread = 0.15};

INSTANTIATE_TEST_SUITE_P(
    Engines, ReplayAgreementTest,
    testing::Values(Agreement{"extent_full", Engine::kExtent, "llama-3.1-8b", kNone, Chunking::kFull},
                    Agreement{"extent_two_groups", Engine::kExtent, "deepseek-v4-flash", kNone, Chunking::kFull},
                    Agreement{"extent_cachegen", Engine::kExtent, "qwen3-8b", kCacheGen, Chunking::kPartialTail},
                    Agreement{"extent_steps", Engine::kExtent, "deepseek-v3", kNone, Chunking::kPrefillSteps},
                    Agreement{"extent_sieve", Engine::kExtent, "llama-3.1-8b", kNone, Chunking::kFull,
                              EvictionPolicyKind::kSieve},
                    Agreement{"slab_full", Engine::kSlab, "llama-3.1-8b", kNone, Chunking::kFull},
                    Agreement{"fixed", Engine::kFixedSlot, "llama-3.1-8b", kNone, Chunking::kFull}),
    [](const testing::TestParamInfo<Agreement>& agreement) { return agreement.param.name; });

}  // namespace
}  // namespace slotwise
