// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulation.h"

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

// Sanitizers are slow, and look for other things.
bool Sanitized() { return std::getenv("SLOTWISE_SANITIZER") != nullptr; }
uint64_t Runs(uint64_t runs) { return Sanitized() ? (runs + 19) / 20 : runs; }

SimulationCounts RunSeeds(uint64_t first, uint64_t runs, uint64_t operations) {
  SimulationCounts counts;
  for (uint64_t seed = first; seed < first + runs; ++seed) {
    const std::string replay =
        absl::StrCat("bazel run //tests/simulation -- --seed=", seed, " --runs=1 --operations=", operations);
    std::cout << replay << std::endl;  // also when a CHECK of the core aborts
    Simulation simulation({.seed = seed, .operations = operations});
    EXPECT_EQ(simulation.Run(), absl::OkStatus()) << simulation.profile().Description() << "\nreplay: " << replay;
    counts.Add(simulation.counts());
  }
  return counts;
}

TEST(SimulationTest, SurvivesAPowerCutAfterEveryEvent) {
  const SimulationCounts counts = RunSeeds(2, Runs(40), 60);
  EXPECT_GT(counts.forks, counts.io_events);
  EXPECT_GT(counts.forks_in_recovery, 0u);
  EXPECT_GT(counts.hits, 0u);
  EXPECT_GT(counts.stored, 0u);
}

TEST(SimulationTest, SurvivesLongRuns) {
  const SimulationCounts counts = RunSeeds(100000, Runs(15), 1500);
  EXPECT_GT(counts.hits, 0u);
  EXPECT_GT(counts.checkpoints, 0u);
  if (Sanitized()) return;
  EXPECT_GT(counts.evictions, 0u);
  EXPECT_GT(counts.refused, 0u);
  EXPECT_GT(counts.faults, 0u);
  EXPECT_GT(counts.losses.payloads_damaged, 0u);
}

// A put that had evicted waited for records that are no removals; when they were durable, nobody woke it.
TEST(SimulationTest, APutThatWaitsForRoomIsWoken) { EXPECT_GT(RunSeeds(326, 1, 1000).stored, 0u); }

TEST(SimulationTest, OneSeedReproducesARun) {
  for (uint64_t seed = 2; seed < 2 + Runs(4); ++seed) {
    Simulation first({.seed = seed, .operations = 60});
    Simulation second({.seed = seed, .operations = 60});
    EXPECT_EQ(first.Run(), second.Run());
    EXPECT_EQ(first.fingerprint(), second.fingerprint());
    EXPECT_EQ(first.counts().io_events, second.counts().io_events);
    EXPECT_EQ(first.counts().forks, second.counts().forks);
  }
}

}  // namespace
}  // namespace slotwise
