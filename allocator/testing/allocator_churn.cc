// SPDX-License-Identifier: Apache-2.0
#include "allocator/testing/allocator_churn.h"

namespace slotwise {

AllocatorChurn::Result AllocatorChurn::Run(const AllocatorWorkload& workload, size_t payloads_per_phase) {
  WarmUp(workload.phases.front());
  trace_.BeginMeasurement();
  result_ = Result();
  for (const PayloadSizes& sizes : workload.phases) RunPhase(sizes, payloads_per_phase);
  result_.utilisation_mean /= static_cast<double>(workload.phases.size());
  return result_;
}

void AllocatorChurn::WarmUp(const PayloadSizes& sizes) {
  const BlockCount enough = allocator_.capacity() * 3;
  for (BlockCount asked; asked < enough;) {
    const BlockCount count = sizes.Draw(random_);
    Put(count);
    asked += count;
  }
}

void AllocatorChurn::RunPhase(const PayloadSizes& sizes, size_t payloads) {
  const auto capacity = static_cast<double>(allocator_.capacity().value());
  double sum = 0;
  for (size_t i = 0; i < payloads; ++i) {
    Put(sizes.Draw(random_));
    const double utilisation = static_cast<double>(live_.blocks().value()) / capacity;
    sum += utilisation;
    result_.utilisation_min = std::min(result_.utilisation_min, utilisation);
  }
  const double mean = sum / static_cast<double>(payloads);
  result_.utilisation_mean += mean;
  result_.utilisation_worst_phase = std::min(result_.utilisation_worst_phase, mean);
}

void AllocatorChurn::Put(BlockCount count) {
  evicted_ = BlockCount(0);
  while (ExceedsOccupancy(count)) Evict(live_.Draw(random_));
  bool stored = TryAllocate(count);
  const bool refused_at_once = !stored;
  while (!stored && EvictHelping(count)) stored = TryAllocate(count);
  live_.Forget();
  ++result_.payloads;
  result_.refused += (occupancy_ ? refused_at_once : !stored) ? 1 : 0;
  if (evicted_ > count) result_.evicted_beyond += evicted_ - count;
}

bool AllocatorChurn::TryAllocate(BlockCount count) {
  trace_.Allocate(live_.next_cell(), count);
  const std::optional<Placement> placement = allocator_.Allocate(count);
  if (!placement) return false;
  live_.Insert(*placement, count);
  ++result_.stored;
  result_.extents += placement->size();
  result_.stored_blocks += count;
  return true;
}

bool AllocatorChurn::EvictHelping(BlockCount count) {
  const std::optional<uint32_t> victim = live_.DrawHelping(allocator_, count, random_);
  if (victim) Evict(*victim);
  return victim.has_value();
}

void AllocatorChurn::Evict(uint32_t cell) {
  evicted_ += live_.at(cell).count;
  allocator_.Free(live_.at(cell).placement);
  trace_.Free(cell);
  live_.Remove(cell);
}

bool AllocatorChurn::ExceedsOccupancy(BlockCount count) const {
  if (!occupancy_ || live_.empty()) return false;
  const BlockCount used = allocator_.capacity() - allocator_.free_blocks();
  return static_cast<double>((used + count).value()) > *occupancy_ * static_cast<double>(allocator_.capacity().value());
}

}  // namespace slotwise
