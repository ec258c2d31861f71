// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/scenario.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tools/traces/trace_generator.h"
#include "tools/traces/trace_request.h"

namespace slotwise {
namespace {

Scenario Make(const char* name, const std::vector<TraceRequest>& trace) {
  return Scenario(FindScenario(name, /*seed=*/1).value(), trace);
}

TEST(ScenarioTest, EveryNameIsKnown) {
  for (const std::string& name : ScenarioNames()) EXPECT_EQ(FindScenario(name, 1)->name, name);
  const absl::Status status = FindScenario("nonsense", 1).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_NE(status.message().find("model_switch"), absl::string_view::npos) << status;
}

TEST(ScenarioTest, NumbersStandForKeys) {
  const std::vector<TraceRequest> trace = {{0, 1024, 1, {1, 2}}, {5, 1536, 1, {1, 3, 4}}};
  const Scenario scenario = Make("deepseek-v4-flash", trace);
  ASSERT_EQ(scenario.requests().size(), 2u);
  EXPECT_EQ(scenario.requests()[0].chunks, (std::vector<uint32_t>{0, 1, 2, 3}));
  EXPECT_EQ(scenario.requests()[1].chunks, (std::vector<uint32_t>{0, 1, 4, 5, 6, 7}));
  EXPECT_EQ(scenario.chunks()[4].parent, 1u);
  EXPECT_EQ(scenario.chunks()[0].parent, 0u);
  EXPECT_EQ(scenario.chunks()[7].objects, 2u);
  EXPECT_EQ(scenario.object_bytes()[0], 1002240u);
  EXPECT_EQ(scenario.object_bytes()[15], 3219840u);
  EXPECT_EQ(scenario.working_set_bytes(), 8 * (1002240u + 3219840u));
}

TEST(ScenarioTest, AParentHasALowerNumber) {
  const std::vector<TraceRequest> trace = GenerateTrace(/*seed=*/3, 200);
  for (const std::string& name : ScenarioNames()) {
    const Scenario scenario = Make(name.c_str(), trace);
    for (uint32_t i = 0; i < scenario.chunks().size(); ++i) EXPECT_LE(scenario.chunks()[i].parent, i);
    EXPECT_EQ(std::accumulate(scenario.object_bytes().begin(), scenario.object_bytes().end(), uint64_t{0}),
              scenario.working_set_bytes());
  }
}

TEST(ScenarioTest, AModelSwitchComesHalfway) {
  const std::vector<TraceRequest> trace = GenerateTrace(/*seed=*/3, 200);
  const Scenario scenario = Make("model_switch", trace);
  for (size_t i = 0; i < trace.size(); ++i) {
    for (const uint32_t chunk : scenario.requests()[i].chunks) {
      const uint64_t bytes = scenario.object_bytes()[scenario.chunks()[chunk].first_object];
      EXPECT_EQ(bytes, i < 100 ? 8126464u : 33554432u) << i;
    }
  }
}

TEST(ScenarioTest, AConversationStaysWithItsModel) {
  const std::vector<TraceRequest> trace = GenerateTrace(/*seed=*/3, 300);
  const Scenario scenario = Make("two_models", trace);
  std::vector<size_t> requests_of_size(2);
  for (const ScenarioRequest& request : scenario.requests()) {
    if (request.chunks.empty()) continue;
    const auto size_of = [&](uint32_t chunk) { return scenario.object_bytes()[scenario.chunks()[chunk].first_object]; };
    const uint64_t bytes = size_of(request.chunks.front());
    EXPECT_TRUE(std::all_of(request.chunks.begin(), request.chunks.end(),
                            [&](uint32_t chunk) { return size_of(chunk) == bytes; }));
    ++requests_of_size[bytes == 33554432u ? 0 : 1];
  }
  EXPECT_GT(requests_of_size[0], 50u);
  EXPECT_GT(requests_of_size[1], 50u);
}

TEST(ScenarioTest, OnlyCompressedSizesVary) {
  const std::vector<TraceRequest> trace = GenerateTrace(/*seed=*/3, 10);
  EXPECT_TRUE(Make("cachegen", trace).SizesVary());
  EXPECT_FALSE(Make("three_models", trace).SizesVary());
  EXPECT_EQ(Make("cachegen", trace).UncompressedSizeMax(), uint64_t{32} << 20);
  EXPECT_EQ(Make("three_models", trace).FullSizes().size(), 3u);
}

}  // namespace
}  // namespace slotwise
