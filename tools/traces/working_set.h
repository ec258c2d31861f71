// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_WORKING_SET_H_
#define SLOTWISE_TOOLS_TRACES_WORKING_SET_H_

#include <cstdint>
#include <span>

#include "tools/traces/cache_request.h"

namespace slotwise {

// What `requests` ask for, each object once.
struct WorkingSet {
  uint64_t objects = 0;
  uint64_t bytes = 0;  // each object with the size it has in its first request
};

// O(requests).
WorkingSet WorkingSetOf(std::span<const CacheRequest> requests);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_WORKING_SET_H_
