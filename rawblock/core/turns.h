// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_TURNS_H_
#define SLOTWISE_RAWBLOCK_CORE_TURNS_H_

#include <cstddef>
#include <cstdint>
#include <deque>

#include "iouring/aligned_buffer.h"
#include "rawblock/core/operation.h"

namespace slotwise {

// How many operations may be at work on the device at once, how much staging memory their copies may take, and who
// waits for a turn. Memory of a caller that starts on an unaligned address cannot be given to the device, so it is
// copied. Touches no device. One thread.
class Turns {
 public:
  // The copies of all turns take at most this much together, or one operation's, whichever is more.
  static constexpr uint64_t kStagingBytesMax = 64 << 20;

  // `address_alignment` in bytes: what the device needs of an address. Copies have whole blocks.
  Turns(int turns_max, uint32_t address_alignment, uint32_t block_bytes)
      : turns_max_(turns_max), address_alignment_(address_alignment), block_bytes_(block_bytes) {}

  bool Aligned(const void* address) const;

  // Puts `operation` in line for a turn.
  void Await(Operation* operation) { waiting_.push_back(operation); }
  // Takes the first in line out if its turn has come; null if not. `journal_behind`: no record may be appended, which a
  // removal does at once.
  Operation* Next(bool journal_behind);
  // How many are in line, all of them and those of one kind. The second is O(all of them).
  size_t waiting() const { return waiting_.size(); }
  size_t CountWaiting(Operation::Kind kind) const;

  // Whether an operation that moves `bytes` from or to `memory` may begin.
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
  std::deque<Operation*> waiting_;
  int taken_ = 0;
  uint64_t staging_bytes_ = 0;
  uint64_t ended_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_TURNS_H_
