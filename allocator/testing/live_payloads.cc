// SPDX-License-Identifier: Apache-2.0
#include "allocator/testing/live_payloads.h"

namespace slotwise {

void LivePayloads::Insert(const Placement& placement, BlockCount count) {
  const uint32_t cell = next_cell();
  if (cell == payloads_.size()) {
    payloads_.emplace_back();
    positions_.emplace_back();
  } else {
    free_cells_.pop_back();
  }
  payloads_[cell] = {placement, count};
  positions_[cell] = static_cast<uint32_t>(live_.size());
  live_.push_back(cell);
  blocks_ += count;
  extents_ += placement.size();
}

void LivePayloads::Remove(uint32_t cell) {
  const uint32_t last = live_.back();
  live_[positions_[cell]] = last;
  positions_[last] = positions_[cell];
  live_.pop_back();
  blocks_ -= payloads_[cell].count;
  extents_ -= payloads_[cell].placement.size();
  payloads_[cell] = {};
  free_cells_.push_back(cell);
}

std::optional<uint32_t> LivePayloads::DrawHelping(const Allocator& allocator, BlockCount count,
                                                  std::mt19937_64& random) {
  if (const std::optional<uint32_t> kept = DrawKept(allocator, count, random)) return kept;
  for (; tried_ < size() / 8; ++tried_) {
    if (const uint32_t cell = Draw(random); Helps(allocator, cell, count)) return cell;
  }
  for (uint32_t cell = 0; cell < payloads_.size(); ++cell) {
    if (Helps(allocator, cell, count)) helping_.push_back(cell);
  }
  return DrawKept(allocator, count, random);
}

void LivePayloads::Forget() {
  tried_ = 0;
  helping_.clear();
}

std::optional<uint32_t> LivePayloads::DrawKept(const Allocator& allocator, BlockCount count, std::mt19937_64& random) {
  while (!helping_.empty()) {
    uint32_t& drawn = helping_[random() % helping_.size()];
    const uint32_t cell = drawn;
    drawn = helping_.back();
    helping_.pop_back();
    if (Helps(allocator, cell, count)) return cell;
  }
  return std::nullopt;
}

bool LivePayloads::Helps(const Allocator& allocator, uint32_t cell, BlockCount count) const {
  const Placement& placement = payloads_[cell].placement;
  return !placement.empty() && allocator.Helps(placement, count);
}

}  // namespace slotwise
