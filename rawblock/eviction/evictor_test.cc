// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/evictor.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "rawblock/eviction/eviction_policies.h"
#include "rawblock/eviction/eviction_policy.h"
#include "slotwise/store_options.h"

namespace slotwise {
namespace {

constexpr Arrival kArrival{.key_hash = 1, .size = 100};

// Entries of given sizes, the first the coldest.
class EvictorTest : public testing::Test {
 protected:
  void Fill(const std::vector<uint64_t>& sizes) {
    for (const uint64_t size : sizes) {
      const auto id = static_cast<EntryId>(sizes_.size());
      policy_->Track(id, {.key_hash = id, .size = size});
      sizes_.push_back(size);
    }
  }
  std::optional<EntryId> Evict(uint64_t evicted = 0) {
    return Forget(evictor_.Evict(kArrival, evicted, Limit(), [this](EntryId id) { return sizes_[id]; }));
  }
  std::optional<EntryId> EvictAhead(uint64_t evicted, bool low) {
    return Forget(evictor_.EvictAhead(kArrival, evicted, low, Limit(), [this](EntryId id) { return sizes_[id]; }));
  }
  EntryId Limit() const { return static_cast<EntryId>(sizes_.size()); }

  std::unique_ptr<EvictionPolicy> policy_ = MakeEvictionPolicy(EvictionPolicyKind::kLru, 1);
  Evictor evictor_{policy_.get()};
  std::vector<std::optional<uint64_t>> sizes_;  // none: gone, or of no help

 private:
  std::optional<EntryId> Forget(std::optional<EntryId> victim) {
    if (victim.has_value()) sizes_[*victim] = std::nullopt;
    policy_->CheckInvariants();
    return victim;
  }
};

TEST_F(EvictorTest, TakesTheColdestThatFits) {
  Fill({150, 100, 151});
  EXPECT_EQ(Evict(), 0u);
  EXPECT_EQ(Evict(51), 1u) << "nothing fits beside 51, so size does not matter";
}

TEST_F(EvictorTest, PassesOverAFewThatAreTooLarge) {
  Fill({1000, 1000, 100});
  EXPECT_EQ(Evict(), 2u);
}

TEST_F(EvictorTest, ButNotOverMany) {
  Fill(std::vector<uint64_t>(Evictor::kMisfitsMax + 1, 1000));
  Fill({100});
  const std::optional<EntryId> victim = Evict();
  ASSERT_TRUE(victim.has_value());
  EXPECT_EQ(victim, 0u + Evictor::kMisfitsMax);
}

TEST_F(EvictorTest, FindsByNumberWhatIsNotAmongTheColdest) {
  constexpr EntryId kHelps = 3 * Evictor::kNumbersMax / 2;
  Fill(std::vector<uint64_t>(2 * Evictor::kNumbersMax, 100));
  for (EntryId id = 0; id < Limit(); ++id) {
    if (id != kHelps) sizes_[id] = std::nullopt;
  }
  ASSERT_EQ(Evictor::SearchesOf(Limit()), 3);
  EXPECT_EQ(Evict(), std::nullopt) << "beyond the first numbers";
  EXPECT_EQ(Evict(), kHelps);
  EXPECT_EQ(Evict(), std::nullopt);
}

TEST_F(EvictorTest, AheadOfDemandOnlyWhatFitsGoes) {
  Fill({151, 100, 50, 100});
  EXPECT_EQ(EvictAhead(0, /*low=*/false), 1u);
  EXPECT_EQ(EvictAhead(100, /*low=*/false), 2u);
  EXPECT_EQ(EvictAhead(150, /*low=*/false), std::nullopt);
}

TEST_F(EvictorTest, BelowTheLowWatermarkTheColdestGoesWhateverItsSize) {
  Fill({1000});
  EXPECT_EQ(EvictAhead(0, /*low=*/false), std::nullopt);
  EXPECT_EQ(EvictAhead(Evictor::kAheadMax * kArrival.size, /*low=*/true), std::nullopt);
  EXPECT_EQ(EvictAhead(0, /*low=*/true), 0u);
}

TEST(WatermarksTest, AreOrderedParts) {
  EXPECT_TRUE(Watermarks{}.Validate().ok());
  for (const Watermarks& bad : {Watermarks{.low = -0.1, .high = 0.1}, Watermarks{.low = 0.1, .high = 0.01},
                                Watermarks{.low = 0, .high = 0.3}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(bad.Validate())) << bad.low << " " << bad.high;
  }
}

}  // namespace
}  // namespace slotwise
