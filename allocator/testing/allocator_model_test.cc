// SPDX-License-Identifier: Apache-2.0
// Each engine against the page-bitmap oracle, over random options and operations.
#include "allocator/testing/allocator_model.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "allocator/testing/allocator_operation.h"
#include "allocator/testing/allocator_subject.h"
#include "gtest/gtest.h"
#include "rapidcheck/gtest.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

rc::Gen<BlockCount> Blocks(uint64_t min, uint64_t max) {
  return rc::gen::construct<BlockCount>(rc::gen::inRange<uint64_t>(min, max + 1));
}

rc::Gen<Placement> HostilePlacement(BlockCount capacity) {
  const auto extent =
      rc::gen::apply([](uint64_t start, uint64_t count) { return Extent(BlockIndex(start), BlockCount(count)); },
                     rc::gen::inRange<uint64_t>(0, capacity.value() + 2), rc::gen::inRange<uint64_t>(0, 40));
  return rc::gen::map(rc::gen::resize(2, rc::gen::container<std::vector<Extent>>(extent)),
                      [](const std::vector<Extent>& extents) {
                        Placement placement;
                        for (const Extent& e : extents) placement.Append(e);
                        return placement;
                      });
}

// Counts from `counts`, so that classes fill up, compete and drain.
rc::Gen<AllocatorOperation> Operation(BlockCount capacity, const rc::Gen<BlockCount>& counts) {
  const auto as_operation = [](auto operation) { return AllocatorOperation(operation); };
  return rc::gen::weightedOneOf<AllocatorOperation>({
      {8, rc::gen::map(counts, [=](BlockCount count) { return as_operation(AllocateOperation{count}); })},
      {8, rc::gen::map(counts, [=](BlockCount count) { return as_operation(EvictAndAllocateOperation{count}); })},
      {4,
       rc::gen::map(rc::gen::inRange<size_t>(0, 1000), [=](size_t age) { return as_operation(FreeOperation{age}); })},
      {2, rc::gen::map(HostilePlacement(capacity), [=](Placement p) { return as_operation(MarkOperation{p}); })},
      {1, rc::gen::map(rc::gen::arbitrary<uint64_t>(), [=](uint64_t s) { return as_operation(RebuildOperation{s}); })},
  });
}

SlabOptions AnySlabOptions() {
  SlabOptions options;
  options.segment = BlockCount(uint64_t{1} << *rc::gen::inRange(4, 8));
  const auto sizes = *rc::gen::resize(
      4, rc::gen::nonEmpty(rc::gen::container<std::set<BlockCount>>(Blocks(1, options.segment.value()))));
  options.full_sizes.assign(sizes.begin(), sizes.end());
  options.partial_min = *Blocks(1, options.segment.value());
  options.partial_max = *Blocks(options.partial_min.value(), options.segment.value());
  options.size_class_rule = SizeClassRules()[*rc::gen::inRange<size_t>(0, SizeClassRules().size())].id;
  options.partial_share_basis_points = *rc::gen::inRange<uint32_t>(0, 10001);
  options.full_reservation_basis_points = *rc::gen::inRange<uint32_t>(0, 10001);
  options.fallback = *rc::gen::arbitrary<bool>();
  options.rebind = *rc::gen::arbitrary<bool>();
  return options;
}

// Few sizes recur often: those of Full, some others, and now and then any.
rc::Gen<BlockCount> Counts(const AllocatorOptions& options, BlockCount capacity) {
  std::vector<BlockCount> favourites = options.slab.full_sizes;
  for (int i = 0; i < 3; ++i) favourites.push_back(*Blocks(1, 20));
  return rc::gen::weightedOneOf<BlockCount>(
      {{4, rc::gen::elementOf(favourites)}, {2, Blocks(1, 20)}, {1, Blocks(1, capacity.value() + 1)}});
}

void RunModel(const AllocatorOptions& options, BlockCount capacity) {
  RC_PRE(Validate(options, capacity).ok());
  AllocatorModel model(SubjectOf(options, capacity));
  const auto operations = *rc::gen::scale(
      3, rc::gen::container<std::vector<AllocatorOperation>>(Operation(capacity, Counts(options, capacity))));
  for (const AllocatorOperation& operation : operations) {
    const absl::Status status = Perform(operation, model);
    if (!status.ok()) RC_FAIL(std::string(status.message()));
  }
  const absl::Status status = model.FreeAll(*rc::gen::arbitrary<uint64_t>());
  if (!status.ok()) RC_FAIL(std::string(status.message()));
}

RC_GTEST_PROP(AllocatorModelTest, FixedSlotKeepsItsPromises, ()) {
  AllocatorOptions options;
  options.engine = Engine::kFixedSlot;
  options.fixed_slot = *Blocks(1, 40);
  RunModel(options, *Blocks(1, 700));
}

RC_GTEST_PROP(AllocatorModelTest, BuddyKeepsItsPromises, ()) {
  AllocatorOptions options;
  options.engine = Engine::kBuddy;
  options.buddy_smallest = BlockCount(uint64_t{1} << *rc::gen::inRange(0, 5));
  RunModel(options, *Blocks(1, 700));
}

RC_GTEST_PROP(AllocatorModelTest, ExtentKeepsItsPromises, ()) {
  AllocatorOptions options;
  options.engine = Engine::kExtent;
  options.extent.extents_max = *rc::gen::inRange<uint32_t>(1, Placement::kMaxExtents + 1);
  options.extent.piece_min = *Blocks(1, 8);
  RunModel(options, *Blocks(1, 700));
}

RC_GTEST_PROP(AllocatorModelTest, SlabKeepsItsPromises, ()) {
  AllocatorOptions options;
  options.engine = Engine::kSlab;
  options.slab = AnySlabOptions();
  RunModel(options, *Blocks(options.slab.segment.value(), 12 * options.slab.segment.value()));
}

}  // namespace
}  // namespace slotwise
