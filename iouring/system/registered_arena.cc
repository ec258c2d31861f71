// SPDX-License-Identifier: Apache-2.0
#include "iouring/system/registered_arena.h"

#include <algorithm>
#include <bit>

#include "glog/logging.h"

namespace slotwise {

RegisteredArena::RegisteredArena(std::span<std::byte> memory, uint64_t piece_bytes)
    : memory_(memory), piece_shift_(std::countr_zero(piece_bytes)) {
  CHECK(std::has_single_bit(piece_bytes));
}

std::vector<iovec> RegisteredArena::Pieces() const {
  std::vector<iovec> pieces;
  for (std::span<std::byte> left = memory_; !left.empty(); left = left.subspan(pieces.back().iov_len)) {
    pieces.push_back({left.data(), std::min<uint64_t>(left.size(), uint64_t{1} << piece_shift_)});
  }
  return pieces;
}

std::optional<uint16_t> RegisteredArena::IndexOf(const iovec& range) const {
  const auto arena = reinterpret_cast<uintptr_t>(memory_.data());
  const auto start = reinterpret_cast<uintptr_t>(range.iov_base);
  if (start < arena || start - arena >= memory_.size()) return std::nullopt;
  const uint64_t skipped = start - arena;
  const uint64_t index = skipped >> piece_shift_;
  const uint64_t end = std::min<uint64_t>(memory_.size(), (index + 1) << piece_shift_);
  if (range.iov_len > end - skipped) return std::nullopt;
  return static_cast<uint16_t>(index);
}

}  // namespace slotwise
