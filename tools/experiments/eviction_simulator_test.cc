// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/eviction_simulator.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck.h"
#include "rawblock/testing/eviction_model.h"
#include "slotwise/eviction_policy_kind.h"

namespace slotwise {

void showValue(const CacheRequest& request, std::ostream& stream) {
  stream << "{" << request.id << ", " << request.size << "}";
}

namespace {

// MIN by looking ahead, anew each time.
class BeladyModel : public EvictionModel {
 public:
  explicit BeladyModel(const std::vector<CacheRequest>& requests) : requests_(requests) {}

  void SetNow(size_t now) { now_ = now; }
  void Track(uint64_t key, uint64_t /*size*/) override { used_[key] = now_; }
  void Touch(uint64_t key) override { used_[key] = now_; }
  void Untrack(uint64_t key) override { used_.erase(key); }

  uint64_t Evict() override {
    const auto furthest = std::max_element(used_.begin(), used_.end(), [this](const auto& a, const auto& b) {
      return Next(a.first) < Next(b.first) || (Next(a.first) == Next(b.first) && a.second > b.second);
    });
    const uint64_t key = furthest->first;
    used_.erase(furthest);
    return key;
  }

 private:
  size_t Next(uint64_t key) const {
    const auto next = std::find_if(requests_.begin() + static_cast<ptrdiff_t>(now_) + 1, requests_.end(),
                                   [key](const CacheRequest& request) { return request.id == key; });
    return static_cast<size_t>(next - requests_.begin());
  }

  const std::vector<CacheRequest>& requests_;
  size_t now_ = 0;
  std::map<uint64_t, size_t> used_;
};

EvictionResult Model(const std::vector<CacheRequest>& requests, std::string_view policy, uint64_t capacity,
                     bool ignore_size) {
  BeladyModel belady(requests);
  const std::unique_ptr<EvictionModel> other =
      policy == "belady" ? nullptr : MakeEvictionModel(EvictionPolicyFromName(policy).value(), capacity);
  EvictionModel* model = other == nullptr ? &belady : other.get();
  EvictionResult result;
  std::map<uint64_t, uint64_t> sizes;  // of what is cached
  uint64_t used = 0;
  for (const CacheRequest& request : requests) {
    belady.SetNow(result.requests++);
    if (sizes.contains(request.id)) {
      model->Touch(request.id);
      continue;
    }
    ++result.misses;
    result.missed_bytes += request.size;
    const uint64_t size = ignore_size ? 1 : request.size;
    if (size > capacity) continue;
    model->Arrive(request.id, size);
    while (used + size > capacity) {
      const uint64_t victim = model->Evict();
      used -= sizes.at(victim);
      sizes.erase(victim);
    }
    model->Track(request.id, size);
    sizes[request.id] = size;
    used += size;
  }
  return result;
}

rc::Gen<std::vector<CacheRequest>> Requests(uint64_t ids) {
  return rc::gen::scale(4, rc::gen::container<std::vector<CacheRequest>>(rc::gen::build<CacheRequest>(
                               rc::gen::set(&CacheRequest::id, rc::gen::inRange<uint64_t>(0, ids)),
                               rc::gen::set(&CacheRequest::size, rc::gen::inRange<uint64_t>(1, 20)))));
}

class EvictionSimulatorTest : public testing::TestWithParam<std::string_view> {};

TEST_P(EvictionSimulatorTest, CountsAsTheModel) {
  EXPECT_TRUE(rc::check([] {
    const auto ignore_size = *rc::gen::arbitrary<bool>();
    const auto capacity = *rc::gen::inRange<uint64_t>(0, 60);
    const auto requests = *Requests(40);
    const EvictionResult result = SimulateEviction(requests, GetParam(), capacity, ignore_size);
    RC_ASSERT(result == Model(requests, GetParam(), capacity, ignore_size));
  }));
}

TEST_P(EvictionSimulatorTest, NeverMissesLessThanBelady) {
  EXPECT_TRUE(rc::check([] {
    const auto capacity = *rc::gen::inRange<uint64_t>(1, 30);
    const auto requests = *Requests(2 * capacity);
    const EvictionResult bound = SimulateEviction(requests, "belady", capacity, /*ignore_size=*/true);
    RC_ASSERT(SimulateEviction(requests, GetParam(), capacity, /*ignore_size=*/true).misses >= bound.misses);
  }));
}

TEST_P(EvictionSimulatorTest, MissesOnceIfEverythingFits) {
  const std::vector<CacheRequest> requests = {{1, 40}, {2, 60}, {1, 40}, {2, 60}, {1, 40}};
  EXPECT_EQ(SimulateEviction(requests, GetParam(), 100, /*ignore_size=*/false),
            (EvictionResult{.requests = 5, .misses = 2, .missed_bytes = 100}));
  EXPECT_EQ(SimulateEviction(requests, GetParam(), 2, /*ignore_size=*/true),
            (EvictionResult{.requests = 5, .misses = 2, .missed_bytes = 100}));
}

TEST_P(EvictionSimulatorTest, LeavesOutWhatIsLargerThanTheCache) {
  const std::vector<CacheRequest> requests = {{1, 100}, {2, 101}, {1, 100}, {2, 101}};
  EXPECT_EQ(SimulateEviction(requests, GetParam(), 100, /*ignore_size=*/false),
            (EvictionResult{.requests = 4, .misses = 3, .missed_bytes = 302}));
}

TEST_P(EvictionSimulatorTest, KeepsTheSizeWithWhichAnObjectEntered) {
  const std::vector<CacheRequest> requests = {{1, 10}, {1, 90}, {2, 90}, {1, 10}, {2, 10}};
  EXPECT_EQ(SimulateEviction(requests, GetParam(), 100, /*ignore_size=*/false),
            (EvictionResult{.requests = 5, .misses = 2, .missed_bytes = 100}));
}

INSTANTIATE_TEST_SUITE_P(AllPolicies, EvictionSimulatorTest, testing::ValuesIn(kSimulatedPolicies),
                         [](const auto& policy) { return std::string(policy.param); });

}  // namespace
}  // namespace slotwise
