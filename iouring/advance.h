// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_ADVANCE_H_
#define SLOTWISE_IOURING_ADVANCE_H_

#include <cstdint>

#include "absl/status/status.h"

namespace slotwise {

// Fruitless attempts in a row, without a pause, before a transfer fails. Whoever has patience pauses and asks again.
inline constexpr int kRetriesMax = 4;

// How far one transfer is.
struct TransferProgress {
  uint64_t length = 0;     // bytes to move, a multiple of `alignment`; 0 for what moves none, as a flush
  uint64_t moved = 0;      // bytes moved, a multiple of `alignment`
  uint32_t alignment = 1;  // bytes, a power of two, that of the device
  int retries = 0;         // attempts since bytes last moved
};

enum class NextStep {
  kDone,    // everything has moved
  kResume,  // ask again, for what lies after `moved`
  kFailed,
};

struct Advanced {
  NextStep next = NextStep::kDone;
  absl::Status status;  // the reason of kFailed, else OK
};

// What follows from `result`, the number of bytes or the negative errno that the kernel answered to a call that asked
// for `asked` bytes. All real devices decide by this function; it is pure and total in `result`.
//
//   result                         | next
//   -------------------------------+-------------------------------------------
//   asked, and nothing is left     | kDone
//   asked, or a short transfer     | kResume, from the last whole unit of
//                                  | alignment: O_DIRECT cannot start elsewhere
//   less than a unit moved; EINTR, | kResume, at most kRetriesMax times in a
//   EAGAIN, EBUSY                  | row; then kFailed
//   0 of more than 0 asked         | kFailed, kDataLoss: the device has ended
//   any other errno                | kFailed, as ErrnoStatus, of which
//                                  | IsTransient tells what may be tried again
//   more than asked, or no errno   | kFailed, kInternal
//
// REQUIRES: asked <= length - moved, and asked == 0 only if length == 0.
Advanced Advance(uint64_t asked, int64_t result, TransferProgress* progress);

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_ADVANCE_H_
