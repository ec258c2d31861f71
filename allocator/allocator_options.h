// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_ALLOCATOR_OPTIONS_H_
#define SLOTWISE_ALLOCATOR_ALLOCATOR_OPTIONS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "allocator/allocator.h"
#include "allocator/extent.h"
#include "allocator/extent_options.h"
#include "allocator/slab_options.h"
#include "slotwise/allocator_engine.h"

namespace slotwise {

// Everything needed to build the same allocator again: a store keeps it on its device. Only the chosen engine's options
// are looked at. The default serves any capacity.
struct AllocatorOptions {
  using Engine = AllocatorEngine;

  Engine engine = Engine::kExtent;
  BlockCount fixed_slot{};       // kFixedSlot: the size of every slot
  BlockCount buddy_smallest{1};  // kBuddy: no block is smaller; a power of two
  SlabOptions slab{};            // kSlab
  ExtentOptions extent{};        // kExtent

  friend bool operator==(const AllocatorOptions&, const AllocatorOptions&) = default;
};

inline constexpr std::array kAllocatorEngines = {
    AllocatorOptions::Engine::kFixedSlot,
    AllocatorOptions::Engine::kBuddy,
    AllocatorOptions::Engine::kSlab,
    AllocatorOptions::Engine::kExtent,
};

// "fixed", "buddy", "slab" or "extent"; "unknown" for any other value.
std::string_view EngineName(AllocatorOptions::Engine engine);

// The engine of that name; InvalidArgument, listing the names, for any other.
absl::StatusOr<AllocatorOptions::Engine> EngineFromName(std::string_view name);

// OK if CreateAllocator would succeed; else an InvalidArgument that says which
// option is wrong and what is allowed. `options` may hold any values: they come
// from a user or a disk.
absl::Status Validate(const AllocatorOptions& options, BlockCount capacity);

// A pristine allocator over [0, capacity). Errors as Validate.
absl::StatusOr<std::unique_ptr<Allocator>> CreateAllocator(const AllocatorOptions& options, BlockCount capacity);

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_ALLOCATOR_OPTIONS_H_
