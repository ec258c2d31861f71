// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_TESTING_SCRIPTED_RING_H_
#define SLOTWISE_IOURING_TESTING_SCRIPTED_RING_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "iouring/system/ring.h"

namespace slotwise {

// What the scripted kernel decides, byte by byte; at the end of the bytes it serves every request. Counts its faults.
class Script {
 public:
  explicit Script(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  bool ended() const { return bytes_.empty(); }
  uint8_t Take() {
    if (ended()) return 0;
    const uint8_t byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }

  int failures = 0;  // entries that were answered with an error that stays
  int stumbles = 0;  // and those that moved nothing, and may be tried again

 private:
  std::span<const uint8_t> bytes_;
};

// A ring without a kernel. A script says when it takes entries, in which order it completes them, and how: whole,
// short, with a transient error or with a permanent one; and whether it gives up what it is asked to. Aborts if the
// device uses one user_data for two entries at a time, has more than `in_flight_max` entries in flight, names a range
// or memory that is not its own, asks for anything but reads, writes and flushes, waits with nothing in flight, or ends
// with something in flight.
class ScriptedRing final : public Ring {
 public:
  // `disk` and `script` are borrowed. Entries of the submission queue: `entries`.
  ScriptedRing(std::span<std::byte> disk, size_t entries, size_t in_flight_max, Script* script)
      : disk_(disk), entries_(entries), in_flight_max_(in_flight_max), script_(script) {}
  ~ScriptedRing() override;

  io_uring_sqe* NextEntry() override;
  int Enter(absl::Duration timeout) override;
  bool Pause(absl::Duration /*pause*/, int /*wake_fd*/) override { return false; }  // no time passes
  size_t Reap(std::span<RingCompletion> completions) override;
  int RegisterBuffers(std::span<const iovec> buffers) override;
  int UnregisterBuffers() override;

 private:
  void Take(size_t count);
  void GiveUp(const io_uring_sqe& entry);
  void CompleteSome();
  int32_t Result(const io_uring_sqe& entry);
  int32_t Move(const io_uring_sqe& entry, size_t bytes_max);

  std::span<std::byte> disk_;
  size_t entries_;
  size_t in_flight_max_;
  Script* script_;
  std::deque<io_uring_sqe> submitted_;  // in the submission queue
  size_t kept_places_ = 0;              // of the submission queue, of entries taken, until the next Enter
  std::vector<io_uring_sqe> taken_;     // in the kernel
  std::deque<RingCompletion> completed_;
  size_t answers_ = 0;  // those among completed_, at most, that say whether an entry was given up
  std::vector<iovec> registered_;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_TESTING_SCRIPTED_RING_H_
