// SPDX-License-Identifier: Apache-2.0
#include "allocator/testing/allocator_workload.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "allocator/slab_options.h"

namespace slotwise {
namespace {

constexpr BlockCount KiB(uint64_t kib) { return BlockCount(kib / 4); }
constexpr BlockCount MiB(uint64_t mib) { return KiB(mib << 10); }

std::vector<PayloadSizes> AgingPhases() {
  const PayloadSizes small = PayloadSizes::LogUniform(KiB(16), KiB(128));
  const PayloadSizes large = PayloadSizes::LogUniform(MiB(4), MiB(64));
  return {large,
          small,
          PayloadSizes::LogUniform(MiB(1), MiB(16)),
          PayloadSizes::LogUniform(KiB(64), KiB(512)),
          large,
          PayloadSizes::LogUniform(KiB(256), MiB(2)),
          small,
          large};
}

SlabOptions PartialOnly(BlockCount smallest, BlockCount largest, BlockCount capacity) {
  SlabOptions options = SlabDefaults(capacity, std::array{largest});
  options.partial_min = smallest;
  options.full_reservation_basis_points = 0;
  return options;
}

}  // namespace

BlockCount AllocatorWorkload::smallest() const {
  BlockCount smallest = kMaxSpace;
  for (const PayloadSizes& sizes : phases) smallest = std::min(smallest, sizes.smallest());
  return smallest;
}

BlockCount AllocatorWorkload::largest() const {
  BlockCount largest;
  for (const PayloadSizes& sizes : phases) largest = std::max(largest, sizes.largest());
  return largest;
}

AllocatorOptions AllocatorWorkload::Options(AllocatorOptions::Engine engine, BlockCount capacity) const {
  AllocatorOptions options;
  options.engine = engine;
  options.fixed_slot = largest();
  options.slab =
      full_size ? SlabDefaults(capacity, std::array{*full_size}) : PartialOnly(smallest(), largest(), capacity);
  return options;
}

std::vector<AllocatorWorkload> AllocatorWorkloads() {
  return {
      {"log_uniform", {PayloadSizes::LogUniform(KiB(16), MiB(4))}},
      {"bimodal", {PayloadSizes::Bimodal(KiB(512), 80, KiB(4), KiB(508))}, KiB(512)},
      {"odd", {PayloadSizes::Single(KiB(292))}, KiB(292)},
      {"aging", AgingPhases()},
  };
}

}  // namespace slotwise
