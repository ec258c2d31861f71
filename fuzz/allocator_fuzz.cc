// SPDX-License-Identifier: Apache-2.0
// Every engine, over options and operations decoded from bytes by FuzzedDataProvider, which takes them from the end:
// the options, then each operation is its number and its arguments. Small spaces and short runs, so that the fuzzer
// makes many.
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "allocator/testing/allocator_model.h"
#include "allocator/testing/allocator_operation.h"
#include "allocator/testing/allocator_subject.h"
#include "fuzzer/FuzzedDataProvider.h"
#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr uint64_t kCapacityLimit = 1024;
constexpr int kOperationsMax = 150;

BlockCount NextCount(FuzzedDataProvider& input) { return BlockCount(input.ConsumeIntegralInRange<uint64_t>(1, 256)); }

SlabOptions NextSlabOptions(FuzzedDataProvider& input) {
  SlabOptions options;
  options.segment = BlockCount(uint64_t{1} << input.ConsumeIntegralInRange(0, 8));
  std::set<BlockCount> sizes;
  for (size_t count = input.ConsumeIntegralInRange<size_t>(1, 5);
       sizes.size() < count && input.remaining_bytes() > 0;) {
    sizes.insert(NextCount(input));
  }
  options.full_sizes.assign(sizes.begin(), sizes.end());
  options.partial_min = NextCount(input);
  options.partial_max = NextCount(input);
  options.size_class_rule = SizeClassRules()[input.ConsumeIntegralInRange<size_t>(0, SizeClassRules().size() - 1)].id;
  options.partial_share_basis_points = 40 * input.ConsumeIntegralInRange<uint32_t>(0, 255);
  options.full_reservation_basis_points = 40 * input.ConsumeIntegralInRange<uint32_t>(0, 255);
  const auto switches = input.ConsumeIntegral<uint8_t>();
  options.fallback = (switches & 1) != 0;
  options.rebind = (switches & 2) != 0;
  return options;
}

AllocatorOptions NextOptions(FuzzedDataProvider& input) {
  AllocatorOptions options;
  options.engine = input.PickValueInArray(kAllocatorEngines);
  switch (options.engine) {
    case AllocatorOptions::Engine::kFixedSlot:
      options.fixed_slot = NextCount(input);
      break;
    case AllocatorOptions::Engine::kBuddy:
      options.buddy_smallest = BlockCount(uint64_t{1} << input.ConsumeIntegralInRange(0, 7));
      break;
    case AllocatorOptions::Engine::kSlab:
      options.slab = NextSlabOptions(input);
      break;
    case AllocatorOptions::Engine::kExtent:
      options.extent = {.extents_max = input.ConsumeIntegralInRange<uint32_t>(0, 8), .piece_min = NextCount(input)};
      break;
  }
  return options;
}

Placement NextPlacement(FuzzedDataProvider& input) {
  Placement placement;
  for (size_t extents = input.ConsumeIntegralInRange<size_t>(0, 3); placement.size() < extents;) {
    const BlockIndex start(input.ConsumeIntegral<uint16_t>());
    placement.Append(Extent(start, BlockCount(input.ConsumeIntegral<uint8_t>())));
  }
  return placement;
}

AllocatorOperation NextOperation(FuzzedDataProvider& input) {
  switch (input.ConsumeIntegralInRange(0, 4)) {
    case 0:
      return AllocateOperation{NextCount(input)};
    case 1:
      return FreeOperation{input.ConsumeIntegral<uint16_t>()};
    case 2:
      return MarkOperation{NextPlacement(input)};
    case 3:
      return RebuildOperation{input.ConsumeIntegral<uint8_t>()};
    default:
      return EvictAndAllocateOperation{NextCount(input)};
  }
}

void Run(FuzzedDataProvider input) {
  const AllocatorOptions options = NextOptions(input);
  const BlockCount capacity(input.ConsumeIntegralInRange<uint64_t>(0, kCapacityLimit - 1));
  if (!Validate(options, capacity).ok()) return;
  AllocatorModel model(SubjectOf(options, capacity));
  for (int i = 0; i < kOperationsMax && input.remaining_bytes() > 0; ++i) {
    const AllocatorOperation operation = NextOperation(input);
    const absl::Status status = Perform(operation, model);
    CHECK(status.ok()) << operation << ": " << status;
  }
  const absl::Status status = model.FreeAll(capacity.value());
  CHECK(status.ok()) << status;
}

}  // namespace
}  // namespace slotwise

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  slotwise::Run(FuzzedDataProvider(data, size));
  return 0;
}
