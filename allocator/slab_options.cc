// SPDX-License-Identifier: Apache-2.0
#include "allocator/slab_options.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glog/logging.h"

namespace slotwise {
namespace {

constexpr uint64_t kBasisPoints = 10000;
constexpr uint64_t kMinSegments = 32;
constexpr uint64_t kMinLargestSlotsPerSegment = 8;
constexpr double kMaxTailWaste = 0.02;
constexpr uint64_t kPartialRange = 64;

absl::Status ValidateSegment(const SlabOptions& options) {
  const uint64_t segment = options.segment.value();
  if (std::has_single_bit(segment) && options.segment <= SlabOptions::kMaxSegment) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("slab segment is ", segment, " blocks; use a power of two up to ",
                                                 SlabOptions::kMaxSegment.value()));
}

absl::Status ValidateFullSizes(const SlabOptions& options) {
  const auto& sizes = options.full_sizes;
  if (sizes.empty() || sizes.size() > SlabOptions::kMaxFullSizes) {
    return absl::InvalidArgumentError(
        absl::StrCat("slab has ", sizes.size(), " full sizes; register 1 to ", SlabOptions::kMaxFullSizes));
  }
  if (sizes.front() == BlockCount(0)) {
    return absl::InvalidArgumentError("slab full size is 0 blocks; use at least 1");
  }
  const auto unordered = std::adjacent_find(sizes.begin(), sizes.end(), std::greater_equal<>());
  if (unordered == sizes.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("slab full size ", unordered->value(), " is followed by ",
                                                 (unordered + 1)->value(), "; list each size once, smallest first"));
}

absl::Status ValidatePartial(const SlabOptions& options) {
  if (options.partial_min == BlockCount(0) || options.partial_min > options.partial_max) {
    return absl::InvalidArgumentError(
        absl::StrCat("slab partial range is ", options.partial_min.value(), " to ", options.partial_max.value(),
                     " blocks; it must start at 1 or above and not end before it starts"));
  }
  if (FindSizeClassRule(options.size_class_rule) != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("slab size_class_rule is ", options.size_class_rule, "; use one of ",
                   absl::StrJoin(SizeClassRules(), ", ",
                                 [](std::string* out, const SizeClassRule& rule) { absl::StrAppend(out, rule.id); })));
}

absl::Status ValidateShare(const char* name, uint32_t basis_points) {
  if (basis_points <= kBasisPoints) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("slab ", name, " is ", basis_points, " basis points; use at most ", kBasisPoints));
}

absl::Status ValidateCapacity(const SlabOptions& options, BlockCount capacity) {
  const BlockCount largest = LargestSlot(options);
  if (capacity > kMaxSpace) {
    return absl::InvalidArgumentError(
        absl::StrCat("capacity is ", capacity.value(), " blocks; an allocator manages at most ", kMaxSpace.value()));
  }
  if (largest > options.segment || largest > capacity) {
    return absl::InvalidArgumentError(absl::StrCat("the largest slab slot, ", largest.value(), " blocks, exceeds the ",
                                                   largest > capacity ? "capacity, " : "segment, ",
                                                   std::min(capacity, options.segment).value(), " blocks; enlarge it"));
  }
  const uint64_t segments = SegmentCount(options, capacity);
  if (SegmentsOfShare(options.partial_share_basis_points, segments) < segments) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("slab partial_share of ", options.partial_share_basis_points,
                                                 " basis points takes all ", segments,
                                                 " segments and leaves none to full payloads; lower it"));
}

double WorstTailWaste(BlockCount segment, std::span<const BlockCount> sizes) {
  uint64_t worst = 0;
  for (BlockCount size : sizes) worst = std::max(worst, segment.value() % size.value());
  return static_cast<double>(worst) / static_cast<double>(segment.value());
}

// `sizes` is ascending.
BlockCount DefaultSegment(BlockCount capacity, std::span<const BlockCount> sizes) {
  const BlockCount smallest(std::bit_ceil(sizes.back().value()));
  const BlockCount roomy = sizes.back() * kMinLargestSlotsPerSegment;
  BlockCount best = smallest;
  for (BlockCount segment = smallest; segment <= SlabOptions::kMaxSegment && segment * kMinSegments <= capacity;
       segment = segment * 2) {
    const double waste = WorstTailWaste(segment, sizes);
    if (waste <= WorstTailWaste(best, sizes)) best = segment;
    if (segment >= roomy && waste < kMaxTailWaste) return segment;
  }
  return best;
}

}  // namespace

BlockCount LargestSlot(const SlabOptions& options) { return std::max(options.full_sizes.back(), options.partial_max); }

SizeClasses PartialClasses(const SlabOptions& options) {
  const SizeClassRule* rule = FindSizeClassRule(options.size_class_rule);
  CHECK(rule != nullptr);
  return SizeClasses(options.partial_min, options.partial_max, *rule).Without(options.full_sizes);
}

uint64_t SegmentCount(const SlabOptions& options, BlockCount capacity) {
  const BlockCount last(capacity.value() % options.segment.value());
  return capacity.value() / options.segment.value() + (last >= LargestSlot(options) ? 1 : 0);
}

uint64_t SegmentsOfShare(uint32_t basis_points, uint64_t segments) {
  return (segments * basis_points + kBasisPoints / 2) / kBasisPoints;
}

absl::Status Validate(const SlabOptions& options, BlockCount capacity) {
  for (const absl::Status& status : {ValidateSegment(options), ValidateFullSizes(options), ValidatePartial(options),
                                     ValidateShare("partial_share", options.partial_share_basis_points),
                                     ValidateShare("full_reservation", options.full_reservation_basis_points)}) {
    if (!status.ok()) return status;
  }
  return ValidateCapacity(options, capacity);
}

SlabOptions SlabDefaults(BlockCount capacity, std::span<const BlockCount> full_sizes) {
  SlabOptions options;
  options.full_sizes.assign(full_sizes.begin(), full_sizes.end());
  auto& sizes = options.full_sizes;
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  options.segment = DefaultSegment(capacity, sizes);
  options.partial_min = BlockCount(std::max<uint64_t>(1, sizes.front().value() / kPartialRange));
  options.partial_max = std::max(options.partial_min, BlockCount(sizes.back().value() - 1));
  return options;
}

}  // namespace slotwise
