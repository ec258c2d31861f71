// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/eviction_policy.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rawblock/eviction/lru_policy.h"
#include "rawblock/eviction/make_eviction_policy.h"
#include "rawblock/testing/eviction_model.h"
#include "slotwise/eviction_policy_kind.h"

namespace slotwise {
namespace {

struct Tracked {
  EntryId id;
  uint64_t size;
};

// A cache around a policy: what is in it, and ids that are used again.
class Cache {
 public:
  Cache(EvictionPolicyKind kind, uint64_t capacity)
      : policy_(MakeEvictionPolicy(kind, capacity)), capacity_(capacity) {}

  bool Holds(uint64_t key) const { return tracked_.contains(key); }
  bool Full(uint64_t size) const { return used_ + size > capacity_; }
  const std::map<uint64_t, Tracked>& tracked() const { return tracked_; }
  EvictionPolicy* policy() { return policy_.get(); }

  void Track(uint64_t key, const Arrival& arrival) {
    if (unused_.empty()) unused_.push_back(static_cast<EntryId>(keys_.size()));
    const EntryId id = unused_.back();
    unused_.pop_back();
    if (keys_.size() <= id) keys_.resize(size_t{id} + 1);
    keys_[id] = key;
    tracked_[key] = {.id = id, .size = arrival.size};
    used_ += arrival.size;
    policy_->Track(id, arrival);
  }

  void Touch(uint64_t key) { policy_->Touch(tracked_.at(key).id); }

  void Untrack(uint64_t key) {
    policy_->Untrack(tracked_.at(key).id);
    Release(key);
  }

  // The key that left, if one could.
  std::optional<uint64_t> Evict(const Arrival& arrival, absl::FunctionRef<bool(uint64_t)> accept) {
    const std::optional<EntryId> victim =
        policy_->Evict(arrival, [this, accept](EntryId id) { return accept(keys_[id]); });
    if (!victim.has_value()) return std::nullopt;
    const uint64_t key = keys_[*victim];
    Release(key);
    return key;
  }

 private:
  void Release(uint64_t key) {
    const Tracked gone = tracked_.at(key);
    tracked_.erase(key);
    used_ -= gone.size;
    unused_.push_back(gone.id);
  }

  const std::unique_ptr<EvictionPolicy> policy_;
  const uint64_t capacity_;
  uint64_t used_ = 0;
  std::map<uint64_t, Tracked> tracked_;
  std::vector<uint64_t> keys_;  // by id
  std::vector<EntryId> unused_;
};

struct Step {
  uint64_t key = 0;
  uint64_t size = 0;
  int removal = 0;  // 0: remove the key if it is there
  uint64_t refused = 0;
};

void showValue(const Step& step, std::ostream& stream) {
  stream << "{" << step.key << ", " << step.size << ", " << step.removal << ", " << step.refused << "}";
}

rc::Gen<std::vector<Step>> Steps(uint64_t keys, uint64_t size_max) {
  return rc::gen::scale(4, rc::gen::container<std::vector<Step>>(rc::gen::build<Step>(
                               rc::gen::set(&Step::key, rc::gen::inRange<uint64_t>(0, keys)),
                               rc::gen::set(&Step::size, rc::gen::inRange<uint64_t>(1, size_max + 1)),
                               rc::gen::set(&Step::removal, rc::gen::inRange(0, 16)),
                               rc::gen::set(&Step::refused, rc::gen::inRange<uint64_t>(0, 4)))));
}

class EvictionPolicyTest : public testing::TestWithParam<EvictionPolicyKind> {
 protected:
  static void ExpectAsModel(uint64_t capacity, const std::vector<Step>& steps) {
    Cache cache(GetParam(), capacity);
    const std::unique_ptr<EvictionModel> model = MakeEvictionModel(GetParam(), capacity);
    for (const Step& step : steps) {
      if (!cache.Holds(step.key)) {
        if (step.size <= capacity) Enter(step, &cache, model.get());
      } else if (step.removal == 0) {
        cache.Untrack(step.key);
        model->Untrack(step.key);
      } else {
        cache.Touch(step.key);
        model->Touch(step.key);
      }
      cache.policy()->CheckInvariants();
    }
  }

 private:
  static void Enter(const Step& step, Cache* cache, EvictionModel* model) {
    const Arrival arrival = cache->policy()->Arrive(step.key, step.size);
    model->Arrive(step.key, step.size);
    while (cache->Full(step.size)) {
      const std::optional<uint64_t> victim = cache->Evict(arrival, [](uint64_t) { return true; });
      RC_ASSERT(victim.has_value());
      RC_ASSERT(*victim == model->Evict());
      cache->policy()->CheckInvariants();
    }
    cache->Track(step.key, arrival);
    model->Track(step.key, step.size);
  }
};

TEST(EvictionPolicyKindTest, NamesGoBothWays) {
  for (EvictionPolicyKind kind : kEvictionPolicyKinds) {
    EXPECT_EQ(EvictionPolicyFromName(EvictionPolicyName(kind)).value(), kind);
  }
  EXPECT_EQ(EvictionPolicyFromName("luck").status().message(),
            "no eviction policy is called 'luck'; use one of none, lru, fifo, sieve, s3fifo, gdsf, lfu, arc");
}

TEST(EvictionPolicyKindTest, NoneIsNoPolicy) { EXPECT_EQ(MakeEvictionPolicy(EvictionPolicyKind::kNone, 10), nullptr); }

TEST_P(EvictionPolicyTest, EvictsAsTheModelWithUnitSizes) {
  EXPECT_TRUE(rc::check([] {
    const auto capacity = *rc::gen::inRange<uint64_t>(1, 40);
    ExpectAsModel(capacity, *Steps(2 * capacity + 2, 1));
  }));
}

TEST_P(EvictionPolicyTest, EvictsAsTheModelWithSizes) {
  EXPECT_TRUE(rc::check([] {
    const auto capacity = *rc::gen::inRange<uint64_t>(1, 100);
    ExpectAsModel(capacity, *Steps(40, *rc::gen::inRange<uint64_t>(1, 20)));
  }));
}

// Keys of one remainder are pinned: never given up, though nothing else is refused.
TEST_P(EvictionPolicyTest, GivesUpWhatIsAccepted) {
  EXPECT_TRUE(rc::check([] {
    const uint64_t capacity = 60;
    Cache cache(GetParam(), capacity);
    for (const Step& step : *Steps(40, 9)) {
      const auto accept = [&step](uint64_t key) { return key % 4 != step.refused; };
      if (cache.Holds(step.key)) {
        step.removal == 0 ? cache.Untrack(step.key) : cache.Touch(step.key);
        continue;
      }
      const Arrival arrival = cache.policy()->Arrive(step.key, step.size);
      while (cache.Full(step.size)) {
        const bool any = std::any_of(cache.tracked().begin(), cache.tracked().end(),
                                     [accept](const auto& tracked) { return accept(tracked.first); });
        const std::optional<uint64_t> victim = cache.Evict(arrival, accept);
        cache.policy()->CheckInvariants();
        RC_ASSERT(victim.has_value() == any);
        if (!any) break;
        RC_ASSERT(accept(*victim));
      }
      if (!cache.Full(step.size)) cache.Track(step.key, arrival);
      cache.policy()->CheckInvariants();
    }
  }));
}

TEST_P(EvictionPolicyTest, LooksAtSoManyAndNoMore) {
  const size_t asked_max =
      GetParam() == EvictionPolicyKind::kLru ? size_t{LruPolicy::kRefusalsMax} : EvictionPolicy::kCandidatesMax;
  constexpr size_t kTracked = EvictionPolicy::kCandidatesMax + 10;
  const std::unique_ptr<EvictionPolicy> policy = MakeEvictionPolicy(GetParam(), kTracked);
  for (EntryId id = 0; id < kTracked; ++id) policy->Track(id, policy->Arrive(id, 1));
  size_t asked = 0;
  const auto refuse = [&asked](EntryId) {
    ++asked;
    return false;
  };
  EXPECT_EQ(policy->Evict({}, refuse), std::nullopt);
  EXPECT_EQ(asked, asked_max);
  EXPECT_TRUE(policy->Evict({}, [](EntryId) { return true; }).has_value());
  policy->CheckInvariants();
}

TEST(LruPolicyTest, FindsTheColdestOfASizeBehindAnyNumberOfOthers) {
  LruPolicy policy;
  for (EntryId id = 0; id < 5000; ++id) policy.Track(id, {.key_hash = id, .size = id % 1000 == 999 ? 30u : 20u});
  EXPECT_EQ(policy.Evict({}, [](EntryId id) { return id % 1000 == 999; }), 999u);
  EXPECT_EQ(policy.Evict({}, [](EntryId id) { return id % 1000 == 999; }), 1999u);
  EXPECT_EQ(policy.Evict({}, [](EntryId) { return true; }), 0u);
  policy.CheckInvariants();
}

TEST_P(EvictionPolicyTest, HasNothingToGiveUpWhenEmpty) {
  const std::unique_ptr<EvictionPolicy> policy = MakeEvictionPolicy(GetParam(), 10);
  EXPECT_EQ(policy->Evict({}, [](EntryId) { return true; }), std::nullopt);
  policy->CheckInvariants();
}

INSTANTIATE_TEST_SUITE_P(AllKinds, EvictionPolicyTest,
                         testing::ValuesIn(kEvictionPolicyKinds.begin() + 1, kEvictionPolicyKinds.end()),
                         [](const auto& kind) { return std::string(EvictionPolicyName(kind.param)); });

}  // namespace
}  // namespace slotwise
