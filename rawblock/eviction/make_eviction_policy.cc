// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/make_eviction_policy.h"

#include "rawblock/eviction/arc_policy.h"
#include "rawblock/eviction/fifo_policy.h"
#include "rawblock/eviction/gdsf_policy.h"
#include "rawblock/eviction/lfu_policy.h"
#include "rawblock/eviction/lru_policy.h"
#include "rawblock/eviction/s3_fifo_policy.h"
#include "rawblock/eviction/sieve_policy.h"

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
