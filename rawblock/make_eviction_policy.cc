// SPDX-License-Identifier: Apache-2.0
#include "rawblock/make_eviction_policy.h"

#include "rawblock/arc_policy.h"
#include "rawblock/fifo_policy.h"
#include "rawblock/gdsf_policy.h"
#include "rawblock/lfu_policy.h"
#include "rawblock/lru_policy.h"
#include "rawblock/s3_fifo_policy.h"
#include "rawblock/sieve_policy.h"

namespace slotwise {

std::unique_ptr<EvictionPolicy> MakeEvictionPolicy(EvictionPolicyKind kind, uint64_t capacity) {
  switch (kind) {
    case EvictionPolicyKind::kNone:
      return nullptr;
    case EvictionPolicyKind::kLru:
      return std::make_unique<LruPolicy>();
    case EvictionPolicyKind::kFifo:
      return std::make_unique<FifoPolicy>();
    case EvictionPolicyKind::kSieve:
      return std::make_unique<SievePolicy>();
    case EvictionPolicyKind::kS3Fifo:
      return std::make_unique<S3FifoPolicy>(capacity);
    case EvictionPolicyKind::kGdsf:
      return std::make_unique<GdsfPolicy>();
    case EvictionPolicyKind::kLfu:
      return std::make_unique<LfuPolicy>();
    case EvictionPolicyKind::kArc:
      return std::make_unique<ArcPolicy>(capacity);
  }
  return nullptr;
}

}  // namespace slotwise
