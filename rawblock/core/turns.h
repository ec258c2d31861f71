// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_TURNS_H_
#define SLOTWISE_RAWBLOCK_CORE_TURNS_H_

#include <cstddef>
#include <cstdint>

#include "iouring/aligned_buffer.h"

namespace slotwise {

// How many operations may be at work on the device at once, and how much staging memory their copies may take: memory
// of a caller that starts on an unaligned address cannot be given to the device. Touches no device. One thread.
class Turns {
 public:
  // The copies of all turns take at most this much together, or one operation's, whichever is more.
  static constexpr uint64_t kStagingBytesMax = 64 << 20;

  // `address_alignment` in bytes: what the device needs of an address. Copies have whole blocks.
  Turns(int turns_max, uint32_t address_alignment, uint32_t block_bytes)
      : turns_max_(turns_max), address_alignment_(address_alignment), block_bytes_(block_bytes) {}

  bool Aligned(const void* address) const;

  // Whether an operation without memory may begin.
  bool Available() const { return taken_ < turns_max_; }
  // Whether one that moves `bytes` from or to `memory` may.
  bool Available(const void* memory, uint64_t bytes) const;

  // Begins a turn. Returns the memory for the copy, of `bytes` rounded up to whole blocks; empty if `memory` is
  // aligned.
  AlignedBuffer Take(const void* memory, uint64_t bytes);
  // Ends the turn that Take gave `staging` to, and empties it.
  void End(AlignedBuffer* staging);

  int taken() const { return taken_; }
  uint64_t staging_bytes() const { return staging_bytes_; }
  // How many turns have ended so far.
  uint64_t ended() const { return ended_; }

  void CheckInvariants() const;

 private:
  const int turns_max_;
  const uint32_t address_alignment_;
  const uint32_t block_bytes_;
  int taken_ = 0;
  uint64_t staging_bytes_ = 0;
  uint64_t ended_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_TURNS_H_
