// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/eviction_simulator.h"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "glog/logging.h"
#include "rawblock/eviction/eviction_policy.h"
#include "rawblock/eviction/make_eviction_policy.h"
#include "slotwise/eviction_policy_kind.h"
#include "tools/experiments/belady_policy.h"

namespace slotwise {
namespace {

constexpr size_t kRequestsMax = BeladyPolicy::kNever;

// What is in the cache. Objects have the ids of entries, used again after they leave.
class SimulatedCache {
 public:
  SimulatedCache(EvictionPolicy* policy, uint64_t capacity) : policy_(policy), capacity_(capacity) {}

  // Whether `key` was there; if not, it enters.
  bool Request(uint64_t key, uint64_t size) {
    if (const auto cached = entries_.find(key); cached != entries_.end()) {
      policy_->Touch(cached->second);
      return true;
    }
    if (size <= capacity_) Insert(key, size);
    return false;
  }

 private:
  struct Object {
    uint64_t key;
    uint64_t size;
  };

  void Insert(uint64_t key, uint64_t size) {
    const Arrival arrival = policy_->Arrive(key, size);
    while (used_ > capacity_ - size) EvictFor(arrival);
    const EntryId id = NewEntry({.key = key, .size = size});
    entries_.emplace(key, id);
    used_ += size;
    policy_->Track(id, arrival);
  }

  void EvictFor(const Arrival& arrival) {
    const std::optional<EntryId> victim = policy_->Evict(arrival, [](EntryId) { return true; });
    CHECK(victim.has_value());
    used_ -= objects_[*victim].size;
    entries_.erase(objects_[*victim].key);
    unused_.push_back(*victim);
  }

  EntryId NewEntry(const Object& object) {
    if (unused_.empty()) {
      objects_.push_back(object);
      return static_cast<EntryId>(objects_.size() - 1);
    }
    const EntryId reused = unused_.back();
    unused_.pop_back();
    objects_[reused] = object;
    return reused;
  }

  EvictionPolicy* const policy_;
  const uint64_t capacity_;
  uint64_t used_ = 0;
  absl::flat_hash_map<uint64_t, EntryId> entries_;
  std::deque<Object> objects_;  // by id
  std::vector<EntryId> unused_;
};

// For each request the next one of the same object.
std::vector<uint32_t> NextRequests(std::span<const CacheRequest> requests) {
  std::vector<uint32_t> next(requests.size());
  absl::flat_hash_map<uint64_t, uint32_t> seen;
  for (size_t index = requests.size(); index-- > 0;) {
    const auto [later, last] = seen.try_emplace(requests[index].id, BeladyPolicy::kNever);
    next[index] = std::exchange(later->second, static_cast<uint32_t>(index));
  }
  return next;
}

// Calls `before` with the index of each request.
template <typename Before>
EvictionResult Play(std::span<const CacheRequest> requests, bool ignore_size, SimulatedCache* cache, Before before) {
  EvictionResult result{.requests = requests.size()};
  for (size_t index = 0; index < requests.size(); ++index) {
    const CacheRequest& request = requests[index];
    before(index);
    if (cache->Request(request.id, ignore_size ? 1 : request.size)) continue;
    ++result.misses;
    result.missed_bytes += request.size;
  }
  return result;
}

EvictionResult SimulateBelady(std::span<const CacheRequest> requests, uint64_t capacity, bool ignore_size) {
  const std::vector<uint32_t> next = NextRequests(requests);
  BeladyPolicy policy;
  SimulatedCache cache(&policy, capacity);
  return Play(requests, ignore_size, &cache,
              [&](size_t index) { policy.SetRequest(static_cast<uint32_t>(index), next[index]); });
}

}  // namespace

EvictionResult SimulateEviction(std::span<const CacheRequest> requests, std::string_view policy, uint64_t capacity,
                                bool ignore_size) {
  CHECK_LT(requests.size(), kRequestsMax);
  if (policy == "belady") return SimulateBelady(requests, capacity, ignore_size);
  const absl::StatusOr<EvictionPolicyKind> kind = EvictionPolicyFromName(policy);
  CHECK(kind.ok() && *kind != EvictionPolicyKind::kNone) << kind.status();
  const std::unique_ptr<EvictionPolicy> made = MakeEvictionPolicy(*kind, capacity);
  SimulatedCache cache(made.get(), capacity);
  return Play(requests, ignore_size, &cache, [](size_t) {});
}

}  // namespace slotwise
