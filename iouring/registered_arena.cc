// SPDX-License-Identifier: Apache-2.0
#include "iouring/registered_arena.h"

#include <algorithm>

namespace slotwise {

std::vector<iovec> RegisteredArena::Pieces() const {
  std::vector<iovec> pieces;
  for (std::span<std::byte> left = memory_; !left.empty(); left = left.subspan(pieces.back().iov_len)) {
    pieces.push_back({left.data(), std::min<uint64_t>(left.size(), piece_bytes_)});
  }
  return pieces;
}

std::optional<uint16_t> RegisteredArena::IndexOf(const iovec& range) const {
  const auto arena = reinterpret_cast<uintptr_t>(memory_.data());
  const auto start = reinterpret_cast<uintptr_t>(range.iov_base);
  if (start < arena || start - arena >= memory_.size()) return std::nullopt;
  const uint64_t skipped = start - arena;
  const uint64_t index = skipped / piece_bytes_;
  const uint64_t end = std::min<uint64_t>(memory_.size(), (index + 1) * piece_bytes_);
  if (range.iov_len > end - skipped) return std::nullopt;
  return static_cast<uint16_t>(index);
}

}  // namespace slotwise
