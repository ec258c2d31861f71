// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_EVICTION_POLICIES_H_
#define SLOTWISE_RAWBLOCK_EVICTION_EVICTION_POLICIES_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "rawblock/eviction/eviction_policy.h"
#include "slotwise/eviction_policy_kind.h"

namespace slotwise {

// One policy: everything that differs by policy outside the policy itself.
struct EvictionPolicyRow {
  EvictionPolicyKind kind;
  std::string_view name;         // in options and reports: lower case letters and digits
  std::string_view description;  // which entries a full store gives up; one line
  // A policy that tracks nothing yet; null for kNone.
  std::unique_ptr<EvictionPolicy> (*make)(uint64_t capacity);
};

// The table of all policies, in the order of EvictionPolicyKind; the first is kNone. Names, help texts, the
// simulations and the tests walk it.
std::span<const EvictionPolicyRow> EvictionPolicies();

// "lru" for kLru.
std::string_view EvictionPolicyName(EvictionPolicyKind kind);

// The kind of that name; InvalidArgument, listing the names, for any other.
absl::StatusOr<EvictionPolicyKind> EvictionPolicyFromName(std::string_view name);

// A line for each policy, "  NAME  DESCRIPTION", below a title: for help texts.
std::string EvictionPolicyHelp();

// A policy that tracks nothing yet, for a store that holds `capacity` of the
// unit in which Arrivals have their sizes; null for kNone.
std::unique_ptr<EvictionPolicy> MakeEvictionPolicy(EvictionPolicyKind kind, uint64_t capacity);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_EVICTION_EVICTION_POLICIES_H_
