// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_TURNS_H_
#define SLOTWISE_RAWBLOCK_CORE_TURNS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>

#include "iouring/aligned_buffer.h"
#include "rawblock/core/operation.h"

namespace slotwise {

// How many puts and gets may be at work on the device at once, how much staging memory their copies may take, and who
// waits for a turn. Memory of a caller that starts on an unaligned address cannot be given to the device, so it is
// copied. Touches no device. One thread.
//
// Puts and gets have a line and staging memory each, so that a get never waits for a put that waits: for staging
// memory, for room, or for the journal. They share the turns; whoever grants them asks both lines by turns.
class Turns {
 public:
  // The copies of all puts take at most this much together, or one put's, whichever is more; so with gets.
  static constexpr uint64_t kStagingBytesMax = 32 << 20;

  using Kind = Operation::Kind;

  // `address_alignment` in bytes: what the device needs of an address. Copies have whole blocks.
  Turns(int turns_max, uint32_t address_alignment, uint32_t block_bytes)
      : turns_max_(turns_max), address_alignment_(address_alignment), block_bytes_(block_bytes) {}

  bool Aligned(const void* address) const;

  // Puts a put or a get at the end of the line of its kind.
  void Await(Operation* operation) { line(operation->kind).waiting.push_back(operation); }
  // The first in line of this kind if a turn and the memory for its copy are there; null if not. It stays in line.
  Operation* First(Kind kind) const;
  // Takes the first in line out. REQUIRES: there is one.
  void LeaveLine(Kind kind) { line(kind).waiting.pop_front(); }
  // Those in line, the first in front.
  const std::deque<Operation*>& waiting(Kind kind) const { return line(kind).waiting; }
  size_t waiting() const { return lines_[0].waiting.size() + lines_[1].waiting.size(); }

  // Whether an operation that moves `bytes` from or to `memory` may begin.
  bool Available(Kind kind, const void* memory, uint64_t bytes) const;

  // Begins a turn. Returns the memory for the copy, of `bytes` rounded up to whole blocks; empty if `memory` is
  // aligned.
  AlignedBuffer Take(Kind kind, const void* memory, uint64_t bytes);
  // Ends the turn that Take gave `staging` to, and empties it.
  void End(Kind kind, AlignedBuffer* staging);

  int turns_max() const { return turns_max_; }
  int taken() const { return taken_; }
  uint64_t staging_bytes() const { return lines_[0].staging_bytes + lines_[1].staging_bytes; }
  // How many turns have ended so far.
  uint64_t ended() const { return ended_; }

  void CheckInvariants() const;

 private:
  struct Line {
    std::deque<Operation*> waiting;
    uint64_t staging_bytes = 0;
  };

  static size_t LineOf(Kind kind) { return kind == Kind::kGet ? 1 : 0; }
  Line& line(Kind kind) { return lines_[LineOf(kind)]; }
  const Line& line(Kind kind) const { return lines_[LineOf(kind)]; }

  const int turns_max_;
  const uint32_t address_alignment_;
  const uint32_t block_bytes_;
  std::array<Line, 2> lines_;
  int taken_ = 0;
  uint64_t ended_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_TURNS_H_
