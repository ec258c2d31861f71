// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_STAGE_TIMER_H_
#define SLOTWISE_RAWBLOCK_CORE_STAGE_TIMER_H_

#include "absl/time/time.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/operation.h"
#include "slotwise/operation_stage.h"

namespace slotwise {

// Tells an observer how long each stage of an operation took. Without an observer it asks no clock. Both are borrowed;
// the observer may be null.
class StageTimer {
 public:
  StageTimer(StageObserver* observer, Clock* clock) : observer_(observer), clock_(clock) {}

  // The operation's next stage begins.
  void Begin(Operation* operation) {
    if (observer_ != nullptr) operation->stage_began = clock_->Now();
  }
  // It was `stage`, and the one after it begins.
  void End(Operation* operation, OperationStage stage) {
    if (observer_ == nullptr) return;
    const absl::Time now = clock_->Now();
    observer_->OnStage(stage, now - operation->stage_began);
    operation->stage_began = now;
  }

 private:
  StageObserver* const observer_;
  Clock* const clock_;
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_STAGE_TIMER_H_
