// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_EVICTION_POLICY_KIND_H_
#define SLOTWISE_EVICTION_POLICY_KIND_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace slotwise {

// Which entries a full store gives up.
enum class EvictionPolicyKind : uint8_t {
  kNone,    // none: it refuses, and somebody outside removes
  kLru,     // least recently used
  kFifo,    // oldest
  kSieve,   // oldest that was not used since a hand passed it
  kS3Fifo,  // oldest that was not used soon after it came, then as a clock
  kGdsf,    // least used for its size, aged
  kLfu,     // least often used
  kArc,     // least recently used, of those used once or of the others
};

inline constexpr std::array kEvictionPolicyKinds = {
    EvictionPolicyKind::kNone,   EvictionPolicyKind::kLru,  EvictionPolicyKind::kFifo, EvictionPolicyKind::kSieve,
    EvictionPolicyKind::kS3Fifo, EvictionPolicyKind::kGdsf, EvictionPolicyKind::kLfu,  EvictionPolicyKind::kArc,
};

// "none", "lru", "fifo", "sieve", "s3fifo", "gdsf", "lfu" or "arc".
std::string_view EvictionPolicyName(EvictionPolicyKind kind);

// The kind of that name; InvalidArgument, listing the names, for any other.
absl::StatusOr<EvictionPolicyKind> EvictionPolicyFromName(std::string_view name);

}  // namespace slotwise

#endif  // SLOTWISE_EVICTION_POLICY_KIND_H_
