// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_SIMULATION_SIMULATED_CLOCK_H_
#define SLOTWISE_TESTS_SIMULATION_SIMULATED_CLOCK_H_

#include <algorithm>

#include "absl/time/time.h"
#include "rawblock/core/clock.h"

namespace slotwise {

// Time that passes only when told to.
class SimulatedClock : public Clock {
 public:
  absl::Time Now() override { return now_; }
  void Sleep(absl::Duration pause) override { now_ += pause; }
  // Goes on to `time`, if that is still to come.
  void AdvanceTo(absl::Time time) { now_ = std::max(now_, time); }

 private:
  absl::Time now_ = absl::UnixEpoch();
};

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_SIMULATION_SIMULATED_CLOCK_H_
