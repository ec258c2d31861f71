// SPDX-License-Identifier: Apache-2.0
#include "tools/format_plan.h"

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
#include "rawblock/format_store.h"
#include "rawblock/layout.h"
#include "tools/compression.h"
#include "tools/model_profile.h"
#include "tools/payload_sizer.h"
#include "tools/scale.h"

namespace slotwise {
namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

PayloadSizes SizesOf(const char* model, Scale scale = {1, 256}, Compression compression = {}) {
  return PayloadSizesOf(PayloadSizer(*FindModelProfile(model), scale, compression, /*seed=*/1));
}

TEST(FormatPlanTest, AFixedSlotHoldsTheLargestPayload) {
  const auto plan =
      PlanFormat(AllocatorOptions::Engine::kFixedSlot, SizesOf("deepseek-v4-flash"), {512 * kMiB, 4096, 0});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->allocator.fixed_slot, BlockCount(4));  // 12,578 bytes
}

TEST(FormatPlanTest, TheSlabHasAFullSlotPerGroup) {
  const auto plan = PlanFormat(AllocatorOptions::Engine::kSlab, SizesOf("deepseek-v4-flash"), {512 * kMiB, 4096, 0});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->allocator.slab.full_sizes, (std::vector<BlockCount>{BlockCount(1), BlockCount(4)}));
  EXPECT_GT(plan->allocator.slab.full_reservation_basis_points, 0u);
}

TEST(FormatPlanTest, NothingIsReservedForFullChunksWhenSizesVary) {
  const auto plan =
      PlanFormat(AllocatorOptions::Engine::kSlab, SizesOf("qwen3-8b", {1, 16}, {3.9, 0.15}), {512 * kMiB, 4096, 0});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->allocator.slab.full_reservation_basis_points, 0u);
}

// Whatever is planned can be formatted, holds the largest payload, and has an
// entry for every mean payload that the data region has room for.
RC_GTEST_PROP(FormatPlanTest, AnAcceptedPlanSuffices, (uint8_t model, uint32_t scale, uint16_t mib)) {
  const ModelProfile& profile = ModelProfiles()[model % ModelProfiles().size()];
  const auto engine = kAllocatorEngines[*rc::gen::inRange<size_t>(0, kAllocatorEngines.size())];
  const Compression compression = *rc::gen::element(Compression{}, Compression{3.9, 0.15});
  const PayloadSizer sizer(profile, Scale{1, 1 + scale % 4096}, compression, /*seed=*/1);
  const DeviceSpace space{mib * kMiB, 4096, 0};
  const absl::StatusOr<FormatOptions> plan = PlanFormat(engine, PayloadSizesOf(sizer), space);
  RC_CLASSIFY(plan.ok());
  if (!plan.ok()) {
    RC_ASSERT(plan.status().code() == absl::StatusCode::kInvalidArgument);
    return;
  }
  const Layout layout = PlanLayout(*plan, space.bytes, space.alignment).value();
  const auto allocator = CreateAllocator(plan->allocator, BlockCount(layout.data_blocks)).value();
  uint64_t group_blocks = 0;
  for (size_t group = 0; group < profile.groups(); ++group) {
    RC_ASSERT(allocator->largest_allocation() >= layout.BlocksFor(sizer.size_max(group)));
    group_blocks += layout.BlocksFor(sizer.size_mean(group)).value();
  }
  RC_ASSERT(plan->max_entries >= layout.data_blocks / group_blocks * profile.groups());
}

TEST(FormatPlanTest, RefusesWhatCannotFit) {
  const auto refuse = [](const PayloadSizes& sizes, const DeviceSpace& space, const char* mentions) {
    for (const AllocatorOptions::Engine engine : kAllocatorEngines) {
      const absl::Status status = PlanFormat(engine, sizes, space).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_NE(status.message().find(absl::string_view(mentions)), absl::string_view::npos) << status;
    }
  };
  refuse(SizesOf("qwen3-8b"), {64 * kMiB, 4096, 128 * kMiB}, "larger than the device");
  refuse(SizesOf("qwen3-8b"), {64 * kMiB, 4096, 4096}, "too small");
  refuse(SizesOf("llama-70b", {1, 1}), {64 * kMiB, 4096, 0}, "too small");
  refuse({{uint64_t{1} << 40}, {uint64_t{1} << 40}}, {64 * kMiB, 4096, 0}, "larger than any store takes");
}

}  // namespace
}  // namespace slotwise
