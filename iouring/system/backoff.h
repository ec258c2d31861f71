// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_SYSTEM_BACKOFF_H_
#define SLOTWISE_IOURING_SYSTEM_BACKOFF_H_

#include <algorithm>
#include <chrono>

#include "absl/time/time.h"

namespace slotwise {

// The pauses between attempts at what a busy system refuses: they double from 50 us to 10 ms, until a limit of time
// has passed since the construction.
class Backoff {
 public:
  explicit Backoff(absl::Duration limit) : limit_(limit) {}

  // What is left of the limit.
  absl::Duration left() const { return limit_ - absl::FromChrono(std::chrono::steady_clock::now() - begin_); }

  // How long to pause before the next attempt; zero: the limit has passed, so give up.
  absl::Duration Next() {
    const absl::Duration pause = std::clamp(left(), absl::ZeroDuration(), pause_);
    pause_ = std::min(2 * pause_, absl::Milliseconds(10));
    return pause;
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  absl::Duration limit_;
  absl::Duration pause_ = absl::Microseconds(50);
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_SYSTEM_BACKOFF_H_
