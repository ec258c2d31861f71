// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_SYSTEM_REGISTERED_ARENA_H_
#define SLOTWISE_IOURING_SYSTEM_REGISTERED_ARENA_H_

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace slotwise {

// An arena registered with an io_uring as buffers of at most `piece_bytes`
// each, side by side, and which of them holds a given range of memory. Default-
// constructed, nothing is registered.
class RegisteredArena {
 public:
  RegisteredArena() = default;
  // REQUIRES: `piece_bytes` is a power of two.
  RegisteredArena(std::span<std::byte> memory, uint64_t piece_bytes);

  bool empty() const { return memory_.empty(); }
  std::span<std::byte> memory() const { return memory_; }

  // What to register, in the order of the indices.
  std::vector<iovec> Pieces() const;

  // The index of the piece that holds all of `range`; nullopt when none does.
  std::optional<uint16_t> IndexOf(const iovec& range) const;

 private:
  std::span<std::byte> memory_;
  int piece_shift_ = 0;  // log2 of the bytes of a piece
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_SYSTEM_REGISTERED_ARENA_H_
