// SPDX-License-Identifier: Apache-2.0
// Every engine, over options and operations decoded from bytes: the first bytes
// are the options, then each operation is its number and its arguments. Small
// spaces and short runs, so that the fuzzer makes many.
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
#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr uint64_t kCapacityLimit = 1024;
constexpr int kOperationsMax = 150;

// Whole numbers from the input, little-endian; zeros once it is used up.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}

  bool empty() const { return size_ == 0; }
  template <typename Integer>
  uint64_t Next() {
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof(Integer) && size_ > 0; ++i, ++data_, --size_) value |= uint64_t{*data_} << (8 * i);
    return value;
  }

 private:
  const uint8_t* data_;
  size_t size_;
};

BlockCount NextCount(Input& input) { return BlockCount(input.Next<uint8_t>() + 1); }

SlabOptions NextSlabOptions(Input& input) {
  SlabOptions options;
  options.segment = BlockCount(uint64_t{1} << (input.Next<uint8_t>() % 9));
  std::set<BlockCount> sizes;
  for (uint64_t size_count = input.Next<uint8_t>() % 5; sizes.size() <= size_count && !input.empty();) {
    sizes.insert(NextCount(input));
  }
  options.full_sizes.assign(sizes.begin(), sizes.end());
  options.partial_min = NextCount(input);
  options.partial_max = NextCount(input);
  options.steps_per_doubling = uint32_t{1} << (input.Next<uint8_t>() % 4);
  options.partial_share_basis_points = static_cast<uint32_t>(input.Next<uint8_t>() * 40);
  options.full_reservation_basis_points = static_cast<uint32_t>(input.Next<uint8_t>() * 40);
  const uint64_t switches = input.Next<uint8_t>();
  options.fallback = (switches & 1) != 0;
  options.rebind = (switches & 2) != 0;
  return options;
}

AllocatorOptions NextOptions(Input& input) {
  AllocatorOptions options;
  options.engine = kAllocatorEngines[input.Next<uint8_t>() % kAllocatorEngines.size()];
  switch (options.engine) {
    case AllocatorOptions::Engine::kFixedSlot:
      options.fixed_slot = NextCount(input);
      break;
    case AllocatorOptions::Engine::kBuddy:
      options.buddy_smallest = BlockCount(uint64_t{1} << (input.Next<uint8_t>() % 8));
      break;
    case AllocatorOptions::Engine::kSlab:
      options.slab = NextSlabOptions(input);
      break;
    case AllocatorOptions::Engine::kExtent:
      options.extent = {.extents_max = static_cast<uint32_t>(input.Next<uint8_t>() % 9), .piece_min = NextCount(input)};
      break;
  }
  return options;
}

Placement NextPlacement(Input& input) {
  Placement placement;
  for (uint64_t extents = input.Next<uint8_t>() % 4; placement.size() < extents;) {
    const BlockIndex start(input.Next<uint16_t>());
    placement.Append(Extent(start, BlockCount(input.Next<uint8_t>())));
  }
  return placement;
}

AllocatorOperation NextOperation(Input& input) {
  switch (input.Next<uint8_t>() % 5) {
    case 0:
      return AllocateOperation{NextCount(input)};
    case 1:
      return FreeOperation{input.Next<uint16_t>()};
    case 2:
      return MarkOperation{NextPlacement(input)};
    case 3:
      return RebuildOperation{input.Next<uint8_t>()};
    default:
      return EvictAndAllocateOperation{NextCount(input)};
  }
}

void Run(Input input) {
  const AllocatorOptions options = NextOptions(input);
  const BlockCount capacity(input.Next<uint16_t>() % kCapacityLimit);
  if (!Validate(options, capacity).ok()) return;
  AllocatorModel model(SubjectOf(options, capacity));
  for (int i = 0; i < kOperationsMax && !input.empty(); ++i) {
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
  slotwise::Run(slotwise::Input(data, size));
  return 0;
}
