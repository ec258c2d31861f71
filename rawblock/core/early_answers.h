// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_CORE_EARLY_ANSWERS_H_
#define SLOTWISE_RAWBLOCK_CORE_EARLY_ANSWERS_H_

#include <cstddef>
#include <deque>

#include "absl/time/time.h"
#include "rawblock/disk/lsn.h"

namespace slotwise {

// Answers that were given before their records were durable, until these are: a crash takes such an operation back. One
// thread.
class EarlyAnswers {
 public:
  // Answers that are less than `grain` apart count as given together, with the first of them.
  explicit EarlyAnswers(absl::Duration grain) : grain_(grain) {}

  // One was given, which rests on records below `end`.
  void Give(Lsn end) { end_ = end; }
  // It is `now`, and records below `durable_end` are durable. What was given since the last call counts from now on.
  // Amortised O(1).
  void Advance(absl::Time now, Lsn durable_end);

  // When the oldest was given; the infinite future if all are durable.
  absl::Time oldest() const { return given_.empty() ? absl::InfiniteFuture() : given_.front().time; }
  // How many are kept apart.
  size_t size() const { return given_.size(); }

 private:
  struct Given {
    Lsn end;
    absl::Time time;
  };

  const absl::Duration grain_;
  Lsn end_{0};               // of the newest
  std::deque<Given> given_;  // by both
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_CORE_EARLY_ANSWERS_H_
