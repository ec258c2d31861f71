// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_CLOCK_H_
#define SLOTWISE_RAWBLOCK_CORE_CLOCK_H_

#include <algorithm>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace slotwise {

// The only source of time of a core, passed in so that a simulation can own it.
class Clock {
 public:
  virtual ~Clock() = default;
  // Never goes backwards.
  virtual absl::Time Now() = 0;
  // Blocks for `pause`.
  virtual void Sleep(absl::Duration pause) = 0;
};

// The machine's clock.
class SystemClock : public Clock {
 public:
  absl::Time Now() override { return last_ = std::max(last_, absl::Now()); }
  void Sleep(absl::Duration pause) override { absl::SleepFor(pause); }

 private:
  absl::Time last_ = absl::InfinitePast();
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_CLOCK_H_
