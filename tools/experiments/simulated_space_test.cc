// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/simulated_space.h"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

using Requests = std::vector<std::pair<uint8_t, uint16_t>>;

constexpr uint32_t kObjects = 256;

// Allocates objects that have no room, frees the others. What is taken and free is
// always all there is.
void Churn(SimulatedSpace* space, const Requests& requests) {
  std::map<uint32_t, uint64_t> live;
  uint64_t taken = 0;
  for (const auto& [object, size] : requests) {
    const uint64_t bytes = uint64_t{size} + 1;
    if (live.contains(object)) {
      taken -= std::exchange(live[object], 0);
      space->Free(object);
      live.erase(object);
    } else if (bytes <= space->largest_allocation() && space->Allocate(object, bytes)) {
      RC_ASSERT(space->Occupied(object) >= bytes);
      RC_ASSERT(space->Occupied(object) == space->SizeOf(bytes));
      RC_ASSERT(space->Extents(object) >= 1u);
      taken += live[object] = space->Occupied(object);
    }
    RC_ASSERT(space->free() + taken == space->capacity());
    RC_ASSERT(space->LargestFreeRun() <= space->free());
    space->CheckInvariants();
  }
}

RC_GTEST_PROP(SimulatedSpaceTest, IdealSpaceIsASum, (const Requests& requests)) {
  const std::unique_ptr<SimulatedSpace> space = MakeIdealSpace(1'000'000, kObjects);
  Churn(space.get(), requests);
}

RC_GTEST_PROP(SimulatedSpaceTest, AllocatedSpaceIsOfBlocks, (const Requests& requests)) {
  const AllocatorOptions options{.engine = AllocatorOptions::Engine::kExtent};
  const auto space = MakeAllocatedSpace(options, 1'000'000, kObjects).value();
  EXPECT_EQ(space->capacity(), 244u * 4096);
  Churn(space.get(), requests);
}

TEST(SimulatedSpaceTest, TheLargestFreeRunLiesBetweenObjects) {
  const AllocatorOptions options{.engine = AllocatorOptions::Engine::kExtent};
  const auto space = MakeAllocatedSpace(options, 100 * 4096, kObjects).value();
  EXPECT_EQ(space->LargestFreeRun(), 100u * 4096);
  for (uint32_t object = 0; object < 10; ++object) ASSERT_TRUE(space->Allocate(object, 10 * 4096));
  EXPECT_EQ(space->LargestFreeRun(), 0u);
  space->Free(3);
  space->Free(4);
  space->Free(9);
  EXPECT_EQ(space->LargestFreeRun(), 20u * 4096);
}

TEST(SimulatedSpaceTest, OptionsThatDoNotSuitAreRefused) {
  const AllocatorOptions options{.engine = AllocatorOptions::Engine::kFixedSlot, .fixed_slot = BlockCount(100)};
  EXPECT_FALSE(MakeAllocatedSpace(options, 4096, kObjects).ok());
}

}  // namespace
}  // namespace slotwise
