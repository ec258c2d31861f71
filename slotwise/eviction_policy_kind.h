// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_EVICTION_POLICY_KIND_H_
#define SLOTWISE_EVICTION_POLICY_KIND_H_

#include <cstdint>

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

}  // namespace slotwise

#endif  // SLOTWISE_EVICTION_POLICY_KIND_H_
