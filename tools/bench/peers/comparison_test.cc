// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/comparison.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "tools/bench/peers/peers.h"

namespace slotwise {
namespace {

constexpr PeerEntry kDevice = {.name = "device", .title = "device", .setup = "", .open = &OpenDevicePeer};
constexpr PeerEntry kFixedSlots = {.name = "slots", .title = "slots", .setup = "", .open = &OpenFixedSlotPeer};

ComparisonOptions SmallOptions() {
  return {.folder = testing::TempDir(),
          .data_bytes = 4 << 20,
          .batch_bytes = 1 << 20,
          .payload_bytes = {64 << 10, 1 << 20},
          .submitters = {1, 2},
          .workers = 2,
          .rounds = 2,
          .peers = {kDevice, kFixedSlots}};
}

TEST(ComparisonTest, MeasuresEveryCellAndCleansUp) {
  std::string folder = testing::TempDir() + "/comparison_test_XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ComparisonOptions options = SmallOptions();
  options.folder = folder;
  ASSERT_EQ(Validate(options), absl::OkStatus());
  uint64_t rounds = 0;
  const absl::StatusOr<std::vector<ComparisonCell>> cells = Compare(options, [&](uint64_t done) {
    EXPECT_EQ(done, rounds + 1);
    rounds = done;
  });
  ASSERT_EQ(cells.status(), absl::OkStatus());
  EXPECT_EQ(rounds, CountRounds(options));
  ASSERT_EQ(cells->size(), 4u);
  for (const ComparisonCell& cell : *cells) {
    EXPECT_EQ(cell.bytes, options.data_bytes);
    ASSERT_EQ(cell.peers.size(), 2u);
    for (const PeerCosts& peer : cell.peers) EXPECT_EQ(peer.rounds.size(), 2u);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  std::filesystem::remove_all(folder);
}

TEST(ComparisonTest, RefusesWhatDoesNotFit) {
  const auto refused = [](auto change) {
    ComparisonOptions options = SmallOptions();
    change(&options);
    return absl::IsInvalidArgument(Validate(options));
  };
  EXPECT_TRUE(refused([](ComparisonOptions* options) { options->payload_bytes = {1000}; }));
  EXPECT_TRUE(refused([](ComparisonOptions* options) { options->payload_bytes = {0}; }));
  EXPECT_TRUE(refused([](ComparisonOptions* options) { options->payload_bytes = {2 << 20}; }));
  EXPECT_TRUE(refused([](ComparisonOptions* options) { options->submitters = {8}; }));
  EXPECT_TRUE(refused([](ComparisonOptions* options) { options->peers.clear(); }));
  EXPECT_TRUE(refused([](ComparisonOptions* options) { options->rounds = 0; }));
}

TEST(ComparisonTest, SaysThatThereIsNoFolder) {
  ComparisonOptions options = SmallOptions();
  options.folder = "/nowhere";
  EXPECT_TRUE(absl::IsNotFound(Compare(options, [](uint64_t) {}).status()));
}

}  // namespace
}  // namespace slotwise
