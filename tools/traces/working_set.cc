// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/working_set.h"

#include "absl/container/flat_hash_set.h"

namespace slotwise {

WorkingSet WorkingSetOf(std::span<const CacheRequest> requests) {
  absl::flat_hash_set<uint64_t> seen;
  WorkingSet set;
  for (const CacheRequest& request : requests) {
    if (seen.insert(request.id).second) set.bytes += request.size;
  }
  set.objects = seen.size();
  return set;
}

}  // namespace slotwise
