// SPDX-License-Identifier: Apache-2.0
#include "tools/stores/allocator_description.h"

#include <set>
#include <string>
#include <vector>

#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "allocator/slab_options.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

TEST(AllocatorDescriptionTest, NamesTheEngineAndItsSizes) {
  AllocatorOptions options;
  options.fixed_slot = BlockCount(36);
  options.engine = Engine::kFixedSlot;
  EXPECT_EQ(DescribeAllocator(options, 4096), "fixed (slots of 144 KiB)");
  options.engine = Engine::kBuddy;
  EXPECT_EQ(DescribeAllocator(options, 4096), "buddy (from 4 KiB)");
  options.engine = Engine::kSlab;
  options.slab.segment = BlockCount(256);
  options.slab.full_sizes = {BlockCount(1), BlockCount(4)};
  options.slab.partial_max = BlockCount(3);
  EXPECT_EQ(DescribeAllocator(options, 4096),
            "slab (full 4 KiB, 16 KiB; partial 4 KiB to 12 KiB, 8 classes; segment 1024 KiB; partial share 0 bp, "
            "full reservation 5000 bp; fallback on; rebind on)");
}

TEST(AllocatorDescriptionTest, DifferentOptionsReadDifferently) {
  std::vector<AllocatorOptions> all(9);
  for (AllocatorOptions& options : all) {
    options.engine = AllocatorOptions::Engine::kSlab;
    options.slab.full_sizes = {BlockCount(4)};
  }
  all[1].slab.segment = BlockCount(64);
  all[2].slab.full_sizes = {BlockCount(5)};
  all[3].slab.partial_min = BlockCount(2);
  all[4].slab.partial_max = BlockCount(3);
  all[5].slab.size_class_rule = 4;
  all[6].slab.partial_share_basis_points = 1;
  all[7].slab.full_reservation_basis_points = 1;
  all[8].slab.fallback = false;
  AllocatorOptions last = all[0];
  last.slab.rebind = false;
  all.push_back(last);
  std::set<std::string> texts;
  for (const AllocatorOptions& options : all) EXPECT_TRUE(texts.insert(DescribeAllocator(options, 4096)).second);
}

}  // namespace
}  // namespace slotwise
