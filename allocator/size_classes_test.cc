// SPDX-License-Identifier: Apache-2.0
#include "allocator/size_classes.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

std::vector<uint64_t> Sizes(const SizeClasses& classes) {
  std::vector<uint64_t> sizes;
  for (BlockCount size : classes.sizes()) sizes.push_back(size.value());
  return sizes;
}

SizeClasses Ladder(uint64_t min, uint64_t max, const SizeClassRule& rule) {
  return SizeClasses(BlockCount(min), BlockCount(max), rule);
}
SizeClasses Ladder(uint64_t min, uint64_t max, uint8_t rule) { return Ladder(min, max, *FindSizeClassRule(rule)); }

const SizeClassRule& AnyRule() { return SizeClassRules()[*rc::gen::inRange<size_t>(0, SizeClassRules().size())]; }

TEST(SizeClassesTest, RulesAreKnownByIdsAndNamesOfTheirOwn) {
  std::set<uint8_t> ids;
  std::set<std::string_view> names;
  for (const SizeClassRule& rule : SizeClassRules()) {
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.name;
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_EQ(FindSizeClassRule(rule.id), &rule);
  }
  EXPECT_EQ(FindSizeClassRule(0), nullptr) << "0 stands for no rule";
}

TEST(SizeClassesTest, StepsThroughEveryDoubling) {
  EXPECT_EQ(Sizes(Ladder(16, 64, 1)), (std::vector<uint64_t>{16, 32, 64}));
  EXPECT_EQ(Sizes(Ladder(16, 64, 4)), (std::vector<uint64_t>{16, 20, 24, 28, 32, 40, 48, 56, 64}));
  EXPECT_EQ(Sizes(Ladder(5, 23, 2)), (std::vector<uint64_t>{5, 8, 10, 15, 20, 23}));
  EXPECT_EQ(Sizes(Ladder(7, 7, 8)), (std::vector<uint64_t>{7}));
}

TEST(SizeClassesTest, CollapsesWhatRoundingMakesEqual) {
  EXPECT_EQ(Sizes(Ladder(1, 16, 8)), (std::vector<uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}));
}

TEST(SizeClassesTest, ShrinksRungsOfTakenSizes) {
  const std::vector<BlockCount> taken = {BlockCount(1), BlockCount(7), BlockCount(8), BlockCount(32)};
  EXPECT_EQ(Sizes(Ladder(1, 32, 1).Without(taken)), (std::vector<uint64_t>{2, 4, 6, 16, 31}));
  EXPECT_EQ(Sizes(Ladder(1, 1, 1).Without(taken)), std::vector<uint64_t>{});
}

RC_GTEST_PROP(SizeClassesTest, TheSmallestClassThatFitsWastesLittle, ()) {
  const auto min = *rc::gen::inRange<uint64_t>(1, 3000);
  const auto max = *rc::gen::inRange<uint64_t>(min, 40000);
  const SizeClassRule& rule = AnyRule();
  const SizeClasses classes = Ladder(min, max, rule);
  RC_ASSERT(classes.sizes().back() == BlockCount(max));
  for (uint64_t count = 1; count <= max; ++count) {
    const size_t found = classes.ClassOf(BlockCount(count));
    RC_ASSERT(found < classes.size());
    const uint64_t size = classes.sizes()[found].value();
    RC_ASSERT(size >= count);
    RC_ASSERT((found == 0 || classes.sizes()[found - 1] < BlockCount(count)));
    if (count >= min) RC_ASSERT((size - count) * rule.waste_divisor < count + rule.waste_divisor);
  }
  RC_ASSERT(classes.ClassOf(BlockCount(max + 1)) == classes.size());
}

RC_GTEST_PROP(SizeClassesTest, WithoutTakenSizesEveryOtherPayloadStillFits, ()) {
  const auto min = *rc::gen::inRange<uint64_t>(1, 60);
  const auto max = *rc::gen::inRange<uint64_t>(min, 300);
  const auto taken_set = *rc::gen::container<std::set<uint64_t>>(rc::gen::inRange<uint64_t>(1, 320));
  const std::vector<BlockCount> taken = [&] {
    std::vector<BlockCount> sizes;
    for (uint64_t size : taken_set) sizes.push_back(BlockCount(size));
    return sizes;
  }();
  const SizeClasses all = Ladder(min, max, AnyRule());
  const SizeClasses left = all.Without(taken);
  for (BlockCount size : left.sizes()) RC_ASSERT(!taken_set.contains(size.value()));
  for (uint64_t count = 1; count <= max; ++count) {
    if (taken_set.contains(count)) continue;
    const size_t found = left.ClassOf(BlockCount(count));
    RC_ASSERT(found < left.size());
    RC_ASSERT(left.sizes()[found] <= all.sizes()[all.ClassOf(BlockCount(count))]);
  }
}

// 64 GiB of 4 KiB blocks.
constexpr uint64_t kSpace = uint64_t{1} << 24;

bool Sanitized() { return std::getenv("SLOTWISE_SANITIZER") != nullptr; }

// Checks every count up to `max`: it has a class, the smallest that holds it, and
// classes never fall. That a whole rung wastes little follows from its least count.
void ExpectEveryCount(const SizeClasses& classes, uint64_t min, uint64_t max, const SizeClassRule& rule) {
  uint64_t count = 0;
  for (size_t found = 0; found < classes.size(); ++found) {
    const uint64_t size = classes.sizes()[found].value();
    ASSERT_GT(size, count);
    const uint64_t least = std::max(count + 1, min);
    ASSERT_LT((size - least) * rule.waste_divisor, least + rule.waste_divisor)
        << "of " << min << " to " << max << " in " << rule.name;
    for (++count; count < size; ++count) ASSERT_EQ(classes.ClassOf(BlockCount(count)), found);
    ASSERT_EQ(classes.ClassOf(BlockCount(size)), found);
  }
  ASSERT_EQ(count, max);
  ASSERT_EQ(classes.ClassOf(BlockCount(max + 1)), classes.size());
}

TEST(SizeClassesTest, EveryCountOf64GiBHasTheSmallestClassThatFits) {
  const uint64_t space = Sanitized() ? uint64_t{1} << 18 : kSpace;
  for (const SizeClassRule& rule : SizeClassRules()) ExpectEveryCount(Ladder(1, space, rule), 1, space, rule);
}

TEST(SizeClassesTest, EveryRangeUpTo64GiBHasTheSmallestClassThatFits) {
  std::vector<uint64_t> ends;
  for (uint64_t power = 1; power <= kSpace >> (Sanitized() ? 12 : 8); power *= 2) {
    for (uint64_t end : {power - 1, power, power + 1, power * 5 / 3}) {
      if (end > 0) ends.push_back(end);
    }
  }
  for (uint64_t min : ends) {
    for (uint64_t max : ends) {
      if (min > max) continue;
      for (const SizeClassRule& rule : SizeClassRules()) ExpectEveryCount(Ladder(min, max, rule), min, max, rule);
    }
  }
}

}  // namespace
}  // namespace slotwise
