// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_TESTING_STATE_SPACE_H_
#define SLOTWISE_ALLOCATOR_TESTING_STATE_SPACE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "allocator/allocator.h"
#include "allocator/extent.h"
#include "allocator/testing/allocator_model.h"

namespace slotwise {

// One operation on an allocator, and its answer.
struct HistoryStep {
  enum class Kind : uint8_t { kAllocate, kFree, kMark };
  Kind kind;
  BlockCount count;     // kAllocate: what was asked for
  Placement placement;  // what was freed, marked or given; empty if refused
};

// What was done to a pristine allocator, in order.
using History = std::vector<HistoryStep>;

struct StateSpaceOptions {
  AllocatorSubject subject;
  // Mark is tried with every sequence of up to that many extents of the space.
  size_t mark_extents_max = 1;
  // Whether Mark takes nothing but what Allocate gives out in some state.
  bool marks_only_what_it_allocates = true;
  // Whether a refused Mark changes no later answer, and not just nothing that is live.
  bool refused_marks_leave_no_trace = true;
  // What a history leaves in the allocator that shows neither in the live
  // placements nor at once in its answers. More than that is never wrong: it only
  // tells more states apart. Empty: nothing.
  std::function<std::string(const History&)> memory = {};
  // Without merging every history is a state of its own.
  bool merge = true;
  // The longest history that is continued.
  size_t steps_max = SIZE_MAX;
};

// All states of an allocator over a tiny space, visited breadth first from the
// pristine one by every Allocate, every Free of a live placement and every Mark.
//
// Two histories lead to the same state if they agree in the live placements, in
// the memory, in Helps for every live placement and count, and, for every count,
// in the answers to Allocate up to its first refusal. Each state is kept as its
// shortest history, from which it is made again whenever it is needed, so no
// operation on one can disturb another.
//
// Each step runs in an AllocatorModel, and each state must stand a restart, a
// request for each count with eviction, the loss of everything that is live, and
// every Mark that it refuses.
class StateSpace {
 public:
  explicit StateSpace(StateSpaceOptions options);

  // Visits all; OK, or an Internal error that tells the broken promise and the
  // history that leads to it.
  absl::Status Explore();

  uint64_t states() const { return states_.size(); }
  // Different sets of live placements.
  uint64_t live_sets() const { return live_sets_.size(); }
  // Steps from one state to another or the same.
  uint64_t transitions() const { return transitions_; }
  // The most steps of a shortest history.
  size_t depth() const { return depth_; }

 private:
  struct State {
    uint32_t parent;
    HistoryStep step;
  };

  History HistoryTo(uint32_t state) const;
  // A pristine allocator after `history`, and after it refused `marks`.
  std::unique_ptr<Allocator> Replay(const History& history, const std::vector<Placement>& marks = {}) const;
  AllocatorModel ModelAfter(const History& history) const;

  absl::Status Expand(const History& history);
  // Performs `step` after `history`, under the model's eyes.
  absl::Status Take(const History& history, HistoryStep step);
  // Adds the state that `history` leads to, if it is a new one.
  absl::Status Arrive(const History& history);

  absl::Status CheckState(const History& history) const;
  absl::Status CheckRefusedMarks(const History& history, const std::vector<Placement>& accepted) const;
  absl::Status CheckMarksAreAllocated() const;

  std::vector<Placement> AcceptedMarks(const History& history) const;
  // What the allocator answers after `history`, and after it refused `marks`.
  std::string Answers(const History& history, const std::vector<Placement>& marks = {}) const;

  StateSpaceOptions options_;
  std::vector<BlockCount> counts_;     // that Allocate is asked for
  std::vector<Placement> candidates_;  // that Mark is tried with
  std::vector<State> states_;          // by distance; the parent of the pristine one is itself
  absl::flat_hash_set<std::string> keys_;
  absl::flat_hash_set<std::string> live_sets_;
  absl::flat_hash_map<std::string, Placement> marked_;
  absl::flat_hash_set<std::string> allocated_;
  uint32_t current_ = 0;
  uint64_t transitions_ = 0;
  size_t depth_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_TESTING_STATE_SPACE_H_
