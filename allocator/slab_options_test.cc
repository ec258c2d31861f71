// SPDX-License-Identifier: Apache-2.0
#include "allocator/slab_options.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

SlabOptions ValidOptions() {
  SlabOptions options;
  options.segment = BlockCount(64);
  options.full_sizes = {BlockCount(10), BlockCount(20)};
  options.partial_max = BlockCount(19);
  return options;
}

// What Validate says about valid options after `change`.
std::string MessageAfter(const std::function<void(SlabOptions&)>& change, BlockCount capacity = BlockCount(1000)) {
  SlabOptions options = ValidOptions();
  change(options);
  return std::string(Validate(options, capacity).message());
}

TEST(SlabOptionsTest, SaysWhatIsWrong) {
  const struct {
    std::function<void(SlabOptions&)> change;
    std::string message;
  } cases[] = {
      {[](SlabOptions& o) { o.segment = BlockCount(0); }, "slab segment is 0 blocks"},
      {[](SlabOptions& o) { o.segment = BlockCount(65); }, "slab segment is 65 blocks"},
      {[](SlabOptions& o) { o.segment = kMaxSpace; }, "slab segment is 4294967296 blocks"},
      {[](SlabOptions& o) { o.full_sizes.clear(); }, "slab has 0 full sizes"},
      {[](SlabOptions& o) { o.full_sizes.resize(17); }, "slab has 17 full sizes"},
      {[](SlabOptions& o) { o.full_sizes[0] = BlockCount(0); }, "slab full size is 0"},
      {[](SlabOptions& o) { o.full_sizes[1] = BlockCount(10); }, "slab full size 10 is followed by 10"},
      {[](SlabOptions& o) { o.full_sizes[1] = BlockCount(65); }, "exceeds the segment, 64"},
      {[](SlabOptions& o) { o.partial_min = BlockCount(0); }, "slab partial range is 0 to 19"},
      {[](SlabOptions& o) { o.partial_min = BlockCount(20); }, "slab partial range is 20 to 19"},
      {[](SlabOptions& o) { o.partial_max = BlockCount(65); }, "exceeds the segment, 64"},
      {[](SlabOptions& o) { o.size_class_rule = 3; }, "slab size_class_rule is 3; use one of 1, 2, 4, 8"},
      {[](SlabOptions& o) { o.size_class_rule = 0; }, "slab size_class_rule is 0"},
      {[](SlabOptions& o) { o.partial_share_basis_points = 10001; }, "slab partial_share is 10001"},
      {[](SlabOptions& o) { o.full_reservation_basis_points = 10001; }, "slab full_reservation is 10001"},
      {[](SlabOptions& o) { o.partial_share_basis_points = 9999; }, "takes all 16 segments"},
  };
  EXPECT_EQ(MessageAfter([](SlabOptions&) {}), "");
  for (const auto& [change, message] : cases) {
    EXPECT_NE(MessageAfter(change).find(message), std::string::npos) << message << " / " << MessageAfter(change);
  }
  const auto unchanged = [](SlabOptions&) {};
  EXPECT_NE(MessageAfter(unchanged, BlockCount(19)).find("exceeds the capacity, 19"), std::string::npos);
  EXPECT_EQ(MessageAfter(unchanged, BlockCount(20)), "");
  EXPECT_NE(MessageAfter(unchanged, kMaxSpace + BlockCount(1)).find("at most 4294967296"), std::string::npos);
}

TEST(SlabOptionsTest, TheLastSegmentMayBeShort) {
  const SlabOptions options = ValidOptions();
  EXPECT_EQ(SegmentCount(options, BlockCount(64 * 3)), 3u);
  EXPECT_EQ(SegmentCount(options, BlockCount(64 * 3 + 19)), 3u);
  EXPECT_EQ(SegmentCount(options, BlockCount(64 * 3 + 20)), 4u);
  EXPECT_EQ(SegmentCount(options, BlockCount(20)), 1u);
}

// A capacity in GiB and payloads in KiB, both in blocks of 4 KiB.
SlabOptions DefaultsFor(uint64_t capacity_gib, const std::vector<uint64_t>& sizes_kib) {
  std::vector<BlockCount> sizes;
  for (uint64_t kib : sizes_kib) sizes.push_back(BlockCount((kib + 3) / 4));
  const BlockCount capacity(capacity_gib << 18);
  const SlabOptions options = SlabDefaults(capacity, sizes);
  EXPECT_TRUE(Validate(options, capacity).ok()) << Validate(options, capacity);
  return options;
}

TEST(SlabOptionsTest, DefaultsSuitRealModels) {
  const struct {
    std::vector<uint64_t> sizes_kib;
    uint64_t segment_mib;
  } cases[] = {
      {{32768}, 256},         // Llama-3.1-8B
      {{10240}, 512},         // Llama-70B TP8
      {{36864}, 512},         // Qwen3-8B
      {{7936}, 256},          // Qwen3-Coder-480B TP8
      {{979, 3145}, 128},     // DeepSeek-V4-Flash, two groups
      {{36864, 17572}, 1024}  // two models
  };
  for (const auto& [sizes_kib, segment_mib] : cases) {
    const SlabOptions options = DefaultsFor(64, sizes_kib);
    EXPECT_EQ(options.segment.value() * 4 / 1024, segment_mib) << sizes_kib[0];
  }
}

RC_GTEST_PROP(SlabOptionsTest, DefaultsFitWheneverTheLargestSlotDoes, ()) {
  const auto sizes = *rc::gen::resize(
      16, rc::gen::nonEmpty(rc::gen::container<std::vector<uint64_t>>(rc::gen::inRange<uint64_t>(1, 10000))));
  std::vector<BlockCount> full_sizes;
  for (uint64_t size : sizes) full_sizes.push_back(BlockCount(size));
  const uint64_t largest = *std::max_element(sizes.begin(), sizes.end());
  const BlockCount capacity(*rc::gen::inRange<uint64_t>(largest, 1000 * largest));
  const SlabOptions options = SlabDefaults(capacity, full_sizes);
  RC_PRE(options.full_sizes.size() <= SlabOptions::kMaxFullSizes);
  RC_ASSERT(Validate(options, capacity).ok());
  RC_ASSERT(SegmentCount(options, capacity) >= 32 || options.segment.value() == std::bit_ceil(largest));
}

}  // namespace
}  // namespace slotwise
