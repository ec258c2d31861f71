// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_TESTING_EVICTION_MODEL_H_
#define SLOTWISE_RAWBLOCK_TESTING_EVICTION_MODEL_H_

#include <cstdint>
#include <memory>

#include "slotwise/eviction_policy_kind.h"

namespace slotwise {

// An eviction policy as its definition reads: vectors, searched from end to end, and keys as ids. Tests compare the
// real policies with it.
class EvictionModel {
 public:
  virtual ~EvictionModel() = default;

  // As EvictionPolicy; what Arrive learned stands until Track or the next Arrive.
  virtual void Arrive(uint64_t /*key*/, uint64_t /*size*/) {}
  virtual void Track(uint64_t key, uint64_t size) = 0;
  virtual void Touch(uint64_t key) = 0;
  virtual void Untrack(uint64_t key) = 0;
  // The key that leaves. REQUIRES: something is tracked.
  virtual uint64_t Evict() = 0;
};

// Null for kNone.
std::unique_ptr<EvictionModel> MakeEvictionModel(EvictionPolicyKind kind, uint64_t capacity);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_TESTING_EVICTION_MODEL_H_
