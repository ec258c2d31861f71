// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_EVICTION_MAKE_EVICTION_POLICY_H_
#define SLOTWISE_RAWBLOCK_EVICTION_MAKE_EVICTION_POLICY_H_

#include <cstdint>
#include <memory>

#include "rawblock/eviction/eviction_policy.h"
#include "slotwise/eviction_policy_kind.h"

namespace slotwise {

// A policy that tracks nothing yet, for a store that holds `capacity` of the
// unit in which Arrivals have their sizes; null for kNone.
std::unique_ptr<EvictionPolicy> MakeEvictionPolicy(EvictionPolicyKind kind, uint64_t capacity);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_EVICTION_MAKE_EVICTION_POLICY_H_
