// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/working_set.h"

#include <cstdint>
#include <map>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "tools/traces/cache_request.h"

namespace slotwise {
namespace {

TEST(WorkingSetTest, CountsEachObjectOnceWithItsFirstSize) {
  const std::vector<CacheRequest> requests = {{1, 10}, {2, 20}, {1, 99}, {3, 0}};
  const WorkingSet set = WorkingSetOf(requests);
  EXPECT_EQ(set.objects, 3u);
  EXPECT_EQ(set.bytes, 30u);
}

RC_GTEST_PROP(WorkingSetTest, IsThatOfAMap, (const std::vector<uint16_t>& sizes)) {
  std::vector<CacheRequest> requests;
  std::map<uint64_t, uint64_t> first;
  for (const uint16_t size : sizes) requests.push_back({size % 10u, size});
  for (const auto& [id, size] : requests) first.emplace(id, size);
  uint64_t bytes = 0;
  for (const auto& [id, size] : first) bytes += size;
  RC_ASSERT(WorkingSetOf(requests).objects == first.size());
  RC_ASSERT(WorkingSetOf(requests).bytes == bytes);
}

}  // namespace
}  // namespace slotwise
