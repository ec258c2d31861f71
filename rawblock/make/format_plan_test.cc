// SPDX-License-Identifier: Apache-2.0
#include "rawblock/make/format_plan.h"

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "allocator/allocator.h"
#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"
#include "rawblock/disk/layout.h"
#include "rawblock/disk/store_header.h"

namespace slotwise {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

const ChunkSizes kTwoGroups{.largest = {3915, 12'578}, .mean = {3915, 12'578}};
const ChunkSizes kOneGroup{.largest = {147'456}, .mean = {147'456}};
const ChunkSizes kCompressed{.largest = {1'200'000}, .mean = {600'000}};

TEST(FormatPlanTest, AFixedSlotHoldsTheLargestPayload) {
  const auto plan = PlanFormat(AllocatorOptions::Engine::kFixedSlot, kTwoGroups, {512 * kMiB, 4096, 0});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->allocator.fixed_slot, BlockCount(4));  // 12,578 bytes
}

TEST(FormatPlanTest, TheSlabHasAFullSlotPerGroup) {
  const auto plan = PlanFormat(AllocatorOptions::Engine::kSlab, kTwoGroups, {512 * kMiB, 4096, 0});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->allocator.slab.full_sizes, (std::vector<BlockCount>{BlockCount(1), BlockCount(4)}));
  EXPECT_GT(plan->allocator.slab.full_reservation_basis_points, 0u);
}

TEST(FormatPlanTest, NothingIsReservedForFullChunksWhenSizesVary) {
  const auto plan = PlanFormat(AllocatorOptions::Engine::kSlab, kCompressed, {512 * kMiB, 4096, 0});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->allocator.slab.full_reservation_basis_points, 0u);
}

// Whatever is planned can be formatted, holds the largest payload, and has an
// entry for every mean payload that the data region has room for.
RC_GTEST_PROP(FormatPlanTest, AnAcceptedPlanSuffices, (uint16_t mib)) {
  const auto engine = kAllocatorEngines[*rc::gen::inRange<size_t>(0, kAllocatorEngines.size())];
  ChunkSizes sizes;
  for (int groups = *rc::gen::inRange(1, 4); groups > 0; --groups) {
    sizes.largest.push_back(uint64_t{1} << *rc::gen::inRange(8, 28));
    sizes.largest.back() += *rc::gen::inRange<uint64_t>(0, sizes.largest.back());
    sizes.mean.push_back(*rc::gen::inRange<uint64_t>(1, sizes.largest.back() + 1));
  }
  const DeviceSpace space{mib * kMiB, 4096, 0};
  const absl::StatusOr<StoreHeader> plan = PlanFormat(engine, sizes, space);
  RC_CLASSIFY(plan.ok());
  if (!plan.ok()) {
    RC_ASSERT(plan.status().code() == absl::StatusCode::kInvalidArgument);
    return;
  }
  const Layout& layout = plan->layout;
  const auto allocator = CreateAllocator(plan->allocator, BlockCount(layout.data_blocks)).value();
  uint64_t group_blocks = 0;
  for (size_t group = 0; group < sizes.mean.size(); ++group) {
    RC_ASSERT(allocator->largest_allocation() >= layout.BlocksFor(sizes.largest[group]));
    group_blocks += layout.BlocksFor(sizes.mean[group]).value();
  }
  RC_ASSERT(plan->max_entries >= layout.data_blocks / group_blocks * sizes.mean.size());
}

TEST(FormatPlanTest, RefusesWhatCannotFit) {
  const auto refuse = [](const ChunkSizes& sizes, const DeviceSpace& space, const char* mentions) {
    for (const AllocatorOptions::Engine engine : kAllocatorEngines) {
      const absl::Status status = PlanFormat(engine, sizes, space).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_NE(status.message().find(absl::string_view(mentions)), absl::string_view::npos) << status;
    }
  };
  refuse(kOneGroup, {64 * kMiB, 4096, 128 * kMiB}, "larger than the device");
  refuse(kOneGroup, {64 * kMiB, 4096, 4096}, "too small");
  refuse({{80 * kMiB}, {80 * kMiB}}, {64 * kMiB, 4096, 0}, "too small");
  refuse({{uint64_t{1} << 40}, {uint64_t{1} << 40}}, {64 * kMiB, 4096, 0}, "larger than any store takes");
}

}  // namespace
}  // namespace slotwise
