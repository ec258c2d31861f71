// SPDX-License-Identifier: Apache-2.0
#include "rawblock/core/early_answers.h"

namespace slotwise {

void EarlyAnswers::Advance(absl::Time now, Lsn durable_end) {
  while (!given_.empty() && given_.front().end <= durable_end) given_.pop_front();
  if (end_ <= durable_end || (!given_.empty() && end_ == given_.back().end)) return;
  if (given_.empty() || now - given_.back().time >= grain_) return given_.push_back({.end = end_, .time = now});
  given_.back().end = end_;
}

}  // namespace slotwise
