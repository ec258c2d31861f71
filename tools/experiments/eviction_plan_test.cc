// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/eviction_plan.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "tools/experiments/eviction_simulator.h"

namespace slotwise {
namespace {

using Names = std::vector<std::string>;
using Capacities = std::vector<uint64_t>;
using Fractions = std::vector<double>;

TEST(EvictionPlanTest, Policies) {
  EXPECT_EQ(ParsePolicies("sieve,lru").value(), Names({"sieve", "lru"}));
  EXPECT_EQ(ParsePolicies("all").value(), SimulatedPolicies());
  EXPECT_EQ(ParsePolicies("lru,lru").status().message(), "names lru twice");
  for (const char* bad : {"", "LRU", "lru,", "lru, sieve", "all,lru", "none"}) {
    const absl::Status status = ParsePolicies(bad).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << bad;
    EXPECT_TRUE(absl::StrContains(status.message(), "no policy is called")) << status;
  }
}

TEST(EvictionPlanTest, CapacitiesInBytes) {
  EXPECT_EQ(ParseCapacities("64M,1000,1.5K,1000", false).value(), Capacities({64 << 20, 1000, 1536}));
  for (const char* bad : {"", "64M,", "0", "-1", "64MB", "0.1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseCapacities(bad, false).status())) << bad;
  }
}

TEST(EvictionPlanTest, CapacitiesInObjects) {
  EXPECT_EQ(ParseCapacities("10,1000,10", true).value(), Capacities({10, 1000}));
  for (const char* bad : {"", "10,", "0", "-1", "+1", " 1", "64M", "1.0", "18446744073709551616"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseCapacities(bad, true).status())) << bad;
  }
}

TEST(EvictionPlanTest, FractionsOfTheWorkingSet) {
  EXPECT_EQ(ParseFractions("0.1,1").value(), Fractions({0.1, 1}));
  for (const char* bad : {"", "0", "0.1,", "1.01", "-0.1", "nan", "10%"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseFractions(bad).status())) << bad;
  }
  EXPECT_EQ(CapacitiesOf({0.01, 0.03, 0.1, 0.25, 1}, 99), Capacities({1, 2, 9, 24, 99}));
  EXPECT_EQ(CapacitiesOf({0.01, 0.1, 1}, 5), Capacities({1, 5}));
  EXPECT_EQ(CapacitiesOf({0.03, 0.29, 0.3}, 100), Capacities({3, 29, 30}));
  EXPECT_EQ(CapacitiesOf({0.5, 1}, uint64_t{1} << 40), Capacities({uint64_t{1} << 39, uint64_t{1} << 40}));
  EXPECT_EQ(CapacitiesOf({1}, ~uint64_t{0}), Capacities({~uint64_t{0}}));
  EXPECT_EQ(CapacitiesOf({0.5}, 0), Capacities({1}));
}

}  // namespace
}  // namespace slotwise
