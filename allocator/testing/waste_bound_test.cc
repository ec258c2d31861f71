// SPDX-License-Identifier: Apache-2.0
// Every request up to 64 GiB of 4 KiB blocks, against the waste bound that each
// engine states.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "allocator/allocator.h"
#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "allocator/slab_options.h"
#include "allocator/testing/allocator_model.h"
#include "allocator/testing/allocator_subject.h"
#include "gtest/gtest.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

constexpr BlockCount kSpace{uint64_t{1} << 24};

// All counts up to `every`, then ever larger steps of an odd number of blocks.
BlockCount Next(BlockCount count, uint64_t every) {
  return count + BlockCount(count.value() < every ? 1 : count.value() / every | 1);
}

// `every`: up to where no count is left out.
void ExpectLittleWaste(const AllocatorOptions& options, uint64_t every) {
  const AllocatorSubject subject = SubjectOf(options, kSpace);
  const std::unique_ptr<Allocator> allocator = subject.create();
  if (std::getenv("SLOTWISE_SANITIZER") != nullptr) every >>= 8;
  for (BlockCount count(1); count <= allocator->largest_allocation(); count = Next(count, every)) {
    const std::optional<Placement> placement = allocator->Allocate(count);
    ASSERT_TRUE(placement.has_value()) << count;
    ASSERT_GE(placement->blocks(), count);
    ASSERT_TRUE(subject.wastes_little(count, *placement)) << *placement << " for " << count;
    allocator->Free(*placement);
  }
  EXPECT_FALSE(allocator->Allocate(allocator->largest_allocation() + BlockCount(1)).has_value());
}

TEST(WasteBoundTest, FixedSlots) {
  AllocatorOptions options;
  options.engine = Engine::kFixedSlot;
  options.fixed_slot = kSpace;
  ExpectLittleWaste(options, uint64_t{1} << 16);
}

TEST(WasteBoundTest, Buddies) {
  AllocatorOptions options;
  options.engine = Engine::kBuddy;
  ExpectLittleWaste(options, kSpace.value());
  options.buddy_smallest = BlockCount(16);
  ExpectLittleWaste(options, uint64_t{1} << 16);
}

TEST(WasteBoundTest, Slabs) {
  AllocatorOptions options{.engine = Engine::kSlab};
  options.slab.full_sizes = {BlockCount(1000), BlockCount(uint64_t{1} << 16), BlockCount(3'000'001)};
  options.slab.segment = BlockCount(uint64_t{1} << 22);
  for (uint64_t partial_max : {5000, 3'000'000, 4'000'000}) {
    for (const SizeClassRule& rule : SizeClassRules()) {
      options.slab.partial_max = BlockCount(partial_max);
      options.slab.size_class_rule = rule.id;
      ExpectLittleWaste(options, uint64_t{1} << 14);
    }
  }
}

}  // namespace
}  // namespace slotwise
