// SPDX-License-Identifier: Apache-2.0
#include "allocator/allocator_options.h"

#include <bit>
#include <string>

#include "absl/strings/str_cat.h"
#include "allocator/buddy_allocator.h"
#include "allocator/extent_allocator.h"
#include "allocator/fixed_slot_allocator.h"
#include "allocator/slab_allocator.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

absl::Status ValidateSpace(BlockCount capacity) {
  if (capacity > BlockCount(0) && capacity <= kMaxSpace) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("capacity is ", capacity.value(), " blocks; use 1 to ", kMaxSpace.value()));
}

absl::Status ValidateFixedSlot(BlockCount slot, BlockCount capacity) {
  if (slot > BlockCount(0) && slot <= capacity && slot < kMaxSpace) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("fixed slot is ", slot.value(),
                                                 " blocks; use at least 1, at most the ", capacity.value(),
                                                 " of the capacity, and less than ", kMaxSpace.value()));
}

absl::Status ValidateBuddy(BlockCount smallest, BlockCount capacity) {
  if (std::has_single_bit(smallest.value()) && smallest <= capacity && smallest < kMaxSpace) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the smallest buddy block is ", smallest.value(),
                                                 " blocks; use a power of two, at most the ", capacity.value(),
                                                 " of the capacity, and less than ", kMaxSpace.value()));
}

std::string EngineNames() {
  std::string names;
  for (Engine engine : kAllocatorEngines) {
    const std::string_view name = EngineName(engine);
    absl::StrAppend(&names, names.empty() ? "" : ", ", absl::string_view(name.data(), name.size()));
  }
  return names;
}

}  // namespace

std::string_view EngineName(Engine engine) {
  switch (engine) {
    case Engine::kFixedSlot:
      return "fixed";
    case Engine::kBuddy:
      return "buddy";
    case Engine::kSlab:
      return "slab";
    case Engine::kExtent:
      return "extent";
  }
  return "unknown";
}

absl::StatusOr<Engine> EngineFromName(std::string_view name) {
  for (Engine engine : kAllocatorEngines) {
    if (EngineName(engine) == name) return engine;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "no allocator is called '", absl::string_view(name.data(), name.size()), "'; use one of ", EngineNames()));
}

absl::Status Validate(const AllocatorOptions& options, BlockCount capacity) {
  if (absl::Status status = ValidateSpace(capacity); !status.ok()) return status;
  switch (options.engine) {
    case Engine::kFixedSlot:
      return ValidateFixedSlot(options.fixed_slot, capacity);
    case Engine::kBuddy:
      return ValidateBuddy(options.buddy_smallest, capacity);
    case Engine::kSlab:
      return Validate(options.slab, capacity);
    case Engine::kExtent:
      return Validate(options.extent);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("no allocator has the number ", static_cast<int>(options.engine), "; use one of ", EngineNames()));
}

absl::StatusOr<std::unique_ptr<Allocator>> CreateAllocator(const AllocatorOptions& options, BlockCount capacity) {
  if (absl::Status status = Validate(options, capacity); !status.ok()) return status;
  switch (options.engine) {
    case Engine::kFixedSlot:
      return std::make_unique<FixedSlotAllocator>(capacity, options.fixed_slot);
    case Engine::kBuddy:
      return std::make_unique<BuddyAllocator>(capacity, options.buddy_smallest);
    case Engine::kSlab:
      return SlabAllocator::Create(capacity, options.slab);
    case Engine::kExtent:
      break;
  }
  return std::make_unique<ExtentAllocator>(capacity, options.extent);
}

}  // namespace slotwise
