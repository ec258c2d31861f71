// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_CLOCK_H_
#define SLOTWISE_RAWBLOCK_CORE_CLOCK_H_

#include <chrono>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace slotwise {

// The time of the machine's monotonic clock (CLOCK_MONOTONIC), which nobody sets: it never goes backwards and never
// stands still. Since when it counts means nothing: only differences do, and a time of absl::Now() is no such time.
inline absl::Time MonotonicNow() {
  return absl::UnixEpoch() + absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

// The only source of time of a core, passed in so that a simulation can own it.
class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes backwards, nor stands still while others see time pass. As MonotonicNow, good for differences only.
  virtual absl::Time Now() = 0;
  // Blocks for `pause`.
  virtual void Sleep(absl::Duration pause) = 0;
};

// The machine's clock.
class SystemClock : public Clock {
 public:
  absl::Time Now() override { return MonotonicNow(); }
  void Sleep(absl::Duration pause) override { absl::SleepFor(pause); }
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_CLOCK_H_
