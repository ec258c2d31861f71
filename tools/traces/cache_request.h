// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_TRACES_CACHE_REQUEST_H_
#define SLOTWISE_TOOLS_TRACES_CACHE_REQUEST_H_

#include <cstdint>

namespace slotwise {

// One request of a cache trace: which object is wanted, and its size in bytes.
struct CacheRequest {
  uint64_t id;
  uint64_t size;

  friend bool operator==(const CacheRequest&, const CacheRequest&) = default;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_TRACES_CACHE_REQUEST_H_
