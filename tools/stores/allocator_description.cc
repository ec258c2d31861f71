// SPDX-License-Identifier: Apache-2.0
#include "tools/stores/allocator_description.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "allocator/extent.h"
#include "allocator/slab_options.h"

namespace slotwise {
namespace {

// Exact, unlike FormatByteSize.
std::string Size(BlockCount count, uint32_t block_bytes) {
  return absl::StrCat(count.value() * (block_bytes / 1024), " KiB");
}

std::string DescribeSlab(const SlabOptions& slab, uint32_t block_bytes) {
  const std::string full = absl::StrJoin(
      slab.full_sizes, ", ", [&](std::string* out, BlockCount size) { out->append(Size(size, block_bytes)); });
  return absl::StrFormat(
      "slab (full %s; partial %s to %s, %s; segment %s; partial share %d bp, full reservation %d bp; "
      "fallback %s; rebind %s)",
      full, Size(slab.partial_min, block_bytes), Size(slab.partial_max, block_bytes),
      FindSizeClassRule(slab.size_class_rule)->name, Size(slab.segment, block_bytes), slab.partial_share_basis_points,
      slab.full_reservation_basis_points, slab.fallback ? "on" : "off", slab.rebind ? "on" : "off");
}

}  // namespace

std::string DescribeAllocator(const AllocatorOptions& options, uint32_t block_bytes) {
  switch (options.engine) {
    case AllocatorOptions::Engine::kFixedSlot:
      return absl::StrCat("fixed (slots of ", Size(options.fixed_slot, block_bytes), ")");
    case AllocatorOptions::Engine::kBuddy:
      return absl::StrCat("buddy (from ", Size(options.buddy_smallest, block_bytes), ")");
    case AllocatorOptions::Engine::kSlab:
      return DescribeSlab(options.slab, block_bytes);
    case AllocatorOptions::Engine::kExtent:
      return absl::StrCat("extent (up to ", options.extent.extents_max, " pieces from ",
                          Size(options.extent.piece_min, block_bytes), ")");
  }
  return "unknown";
}

}  // namespace slotwise
