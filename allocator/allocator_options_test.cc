// SPDX-License-Identifier: Apache-2.0
#include "allocator/allocator_options.h"

#include <array>
#include <cstdint>
#include <string>

#include "gtest/gtest.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

AllocatorOptions ValidOptions(Engine engine) {
  AllocatorOptions options;
  options.engine = engine;
  options.fixed_slot = BlockCount(10);
  options.slab = SlabDefaults(BlockCount(1000), std::array{BlockCount(10)});
  return options;
}

std::string Message(const AllocatorOptions& options, BlockCount capacity = BlockCount(1000)) {
  const absl::Status status = Validate(options, capacity);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CreateAllocator(options, capacity).status(), status);
  return std::string(status.message());
}

TEST(AllocatorOptionsTest, BuildsEveryEngine) {
  for (Engine engine : kAllocatorEngines) {
    const auto allocator = CreateAllocator(ValidOptions(engine), BlockCount(1000));
    ASSERT_TRUE(allocator.ok()) << allocator.status();
    EXPECT_EQ((*allocator)->capacity(), BlockCount(1000));
    EXPECT_EQ((*allocator)->free_blocks(), BlockCount(1000));
    EXPECT_TRUE((*allocator)->Allocate(BlockCount(10)).has_value());
  }
}

TEST(AllocatorOptionsTest, NamesGoBothWays) {
  for (Engine engine : kAllocatorEngines) EXPECT_EQ(*EngineFromName(EngineName(engine)), engine);
  EXPECT_EQ(EngineName(static_cast<Engine>(200)), "unknown");
  EXPECT_EQ(EngineFromName("slabs").status().message(),
            "no allocator is called 'slabs'; use one of fixed, buddy, slab, extent");
}

TEST(AllocatorOptionsTest, RefusesWhatCannotWork) {
  for (Engine engine : kAllocatorEngines) {
    EXPECT_NE(Message(ValidOptions(engine), BlockCount(0)).find("capacity is 0"), std::string::npos);
    EXPECT_NE(Message(ValidOptions(engine), kMaxSpace + BlockCount(1)).find("capacity is"), std::string::npos);
  }
  AllocatorOptions fixed = ValidOptions(Engine::kFixedSlot);
  fixed.fixed_slot = BlockCount(0);
  EXPECT_NE(Message(fixed).find("fixed slot is 0"), std::string::npos);
  fixed.fixed_slot = BlockCount(1001);
  EXPECT_NE(Message(fixed).find("fixed slot is 1001"), std::string::npos);
  AllocatorOptions buddy = ValidOptions(Engine::kBuddy);
  buddy.buddy_smallest = BlockCount(3);
  EXPECT_NE(Message(buddy).find("smallest buddy block is 3"), std::string::npos);
  AllocatorOptions extent = ValidOptions(Engine::kExtent);
  extent.extent.extents_max = 9;
  EXPECT_NE(Message(extent).find("extents_max is 9"), std::string::npos);
  extent.extent = {.extents_max = 0};
  EXPECT_NE(Message(extent).find("extents_max is 0"), std::string::npos);
  extent.extent = {.piece_min = BlockCount(0)};
  EXPECT_NE(Message(extent).find("piece_min is 0"), std::string::npos);
  AllocatorOptions unknown = ValidOptions(static_cast<Engine>(4));
  EXPECT_NE(Message(unknown).find("number 4"), std::string::npos);
}

TEST(AllocatorOptionsTest, EngineNumbersAreStoredOnDevices) {
  EXPECT_EQ(static_cast<uint8_t>(Engine::kFixedSlot), 0);
  EXPECT_EQ(static_cast<uint8_t>(Engine::kBuddy), 1);
  EXPECT_EQ(static_cast<uint8_t>(Engine::kSlab), 2);
  EXPECT_EQ(static_cast<uint8_t>(Engine::kExtent), 3);
}

}  // namespace
}  // namespace slotwise
