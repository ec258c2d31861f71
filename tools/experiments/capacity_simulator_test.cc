// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/capacity_simulator.h"

#include <algorithm>
#include <cstdint>
#include <list>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "rawblock/eviction/eviction_policies.h"
#include "rawblock/eviction/evictor.h"
#include "tools/experiments/capacity_engine.h"
#include "tools/experiments/capacity_report.h"
#include "tools/experiments/scenario.h"
#include "tools/experiments/simulated_space.h"
#include "tools/traces/trace_generator.h"

namespace slotwise {
namespace {

constexpr Watermarks kNoWatermarks{.low = 0, .high = 0};

CapacityEngine EngineNamed(const std::string& name) {
  for (const CapacityEngine& engine : ComparedEngines()) {
    if (engine.name == name) return engine;
  }
  ADD_FAILURE() << name;
  return {};
}

CapacityResult Simulate(const Scenario& scenario, const char* engine, double fraction,
                        const Watermarks& watermarks = Watermarks{}) {
  const auto capacity = static_cast<uint64_t>(fraction * static_cast<double>(scenario.working_set_bytes()));
  const auto space = MakeSpace(EngineNamed(engine), scenario, capacity).value();
  const auto policy = MakeEvictionPolicy(EvictionPolicyKind::kLru, space->capacity());
  CapacitySimulator simulator(&scenario, space.get(), policy.get(), watermarks);
  for (size_t i = 0; !simulator.done(); ++i) {
    simulator.Step();
    if (i % 64 == 0) simulator.CheckInvariants();
  }
  simulator.CheckInvariants();
  return simulator.result();
}

Scenario Make(const char* name, uint64_t seed, uint64_t requests) {
  return Scenario(FindScenario(name, seed).value(), GenerateTrace(seed, requests));
}

// Prompt tokens hit by a list of chunks, least recently used first, of which so many
// fit: all of one size.
uint64_t TokensHit(const Scenario& scenario, size_t chunks_max) {
  std::list<uint32_t> order;
  uint64_t tokens = 0;
  const auto use = [&](uint32_t chunk) {
    order.remove(chunk);
    order.push_back(chunk);
    if (order.size() > chunks_max) order.pop_front();
  };
  for (const ScenarioRequest& request : scenario.requests()) {
    size_t hit = 0;
    while (hit < request.chunks.size() && std::find(order.begin(), order.end(), request.chunks[hit]) != order.end()) {
      tokens += scenario.chunks()[request.chunks[hit++]].tokens;
    }
    for (size_t i = hit; i-- > 0;) use(request.chunks[i]);
    for (size_t i = request.chunks.size(); i-- > hit;) use(request.chunks[i]);
  }
  return tokens;
}

RC_GTEST_PROP(CapacitySimulatorTest, OneSizeInAnyEngineIsPlainLru, (uint8_t seed, uint8_t percent)) {
  const Scenario scenario = Make("llama-3.1-8b", seed, 40);
  const double fraction = 0.05 + percent % 90 / 100.0;
  const auto capacity = static_cast<uint64_t>(fraction * static_cast<double>(scenario.working_set_bytes()));
  const uint64_t expected = TokensHit(scenario, capacity / scenario.object_bytes()[0]);
  for (const char* engine : {"ideal", "fixed", "extent"}) {
    RC_ASSERT(Simulate(scenario, engine, fraction, kNoWatermarks).prompt_tokens_hit == expected);
  }
}

TEST(CapacitySimulatorTest, CountsWhatIsWanted) {
  const Scenario scenario({.name = "", .tenants = FindScenario("deepseek-v4-flash", 1)->tenants},
                          std::vector<TraceRequest>{{0, 1100, 1, {1, 2, 3}}, {1000, 1024, 1, {1, 2}}});
  const CapacityResult result = Simulate(scenario, "extent", 1.05, kNoWatermarks);
  EXPECT_EQ(result.requests, 2u);
  EXPECT_EQ(result.objects_wanted, 16u);
  EXPECT_EQ(result.objects_hit, 8u);
  EXPECT_EQ(result.prompt_tokens, 2124u);
  EXPECT_EQ(result.prompt_tokens_hit, 1024u);
  EXPECT_EQ(result.bytes_hit * 2, result.bytes_wanted);
  EXPECT_EQ(result.allocations, 8u);
  EXPECT_EQ(result.evictions, 0u);
  EXPECT_EQ(result.orphans, 0u);
  EXPECT_NEAR(result.utilisation_mean, 1 / 1.05, 0.001) << "not warm: as it was after the last request";
}

class EveryScenarioTest : public testing::TestWithParam<std::string> {};

TEST_P(EveryScenarioTest, TheDefaultEngineIsNearlyIdeal) {
  const Scenario scenario = Make(GetParam().c_str(), /*seed=*/7, 1500);
  const CapacityResult ideal = Simulate(scenario, "ideal", 0.3, kNoWatermarks);
  const CapacityResult extent = Simulate(scenario, "extent", 0.3);
  EXPECT_NEAR(TokenHitRatio(extent), TokenHitRatio(ideal), 0.002);
  EXPECT_EQ(extent.refused(), 0u);
  EXPECT_GE(extent.utilisation_mean, 0.985);
  EXPECT_GE(extent.utilisation_min, 0.97);
  EXPECT_LE(extent.evicted_per_allocated_byte.p999, 1.5);
}

TEST_P(EveryScenarioTest, NoEngineIsFullerThanItIs) {
  const Scenario scenario = Make(GetParam().c_str(), /*seed=*/8, 300);
  for (const CapacityEngine& engine : ComparedEngines()) {
    const CapacityResult result = Simulate(scenario, engine.name.c_str(), 0.3);
    EXPECT_LE(result.utilisation_mean + result.external_free_mean, 1 + 1e-9) << engine.name;
    EXPECT_LE(result.utilisation_min, result.utilisation_mean + 1e-9) << engine.name;
    EXPECT_LE(result.prompt_tokens_hit, result.prompt_tokens);
    EXPECT_EQ(result.slices.size(), 64u);
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, EveryScenarioTest, testing::ValuesIn(ScenarioNames()),
                         [](const testing::TestParamInfo<std::string>& scenario) {
                           std::string name = scenario.param;
                           std::replace_if(
                               name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; }, '_');
                           return name;
                         });

TEST(CapacitySimulatorTest, ReboundSlabsServeAModelSwitchAndStaticOnesDoNot) {
  const Scenario scenario = Make("model_switch", /*seed=*/7, 1500);
  EXPECT_EQ(Simulate(scenario, "slab", 0.1).refused(), 0u);
  EXPECT_GT(Simulate(scenario, "slab", 0.1).rebinds, 0u);
  EXPECT_GT(Simulate(scenario, "slab, 1 class, static", 0.1).refused(), 1000u);
}

TEST(CapacitySimulatorTest, WatermarksKeepSpaceFree) {
  const Scenario scenario = Make("cachegen", /*seed=*/7, 500);
  const CapacityResult result = Simulate(scenario, "extent", 0.3, {.low = 0.02, .high = 0.04});
  EXPECT_NEAR(result.external_free_mean, 0.04, 0.005);
  EXPECT_EQ(result.evictions, result.evictions_ahead);
}

}  // namespace
}  // namespace slotwise
