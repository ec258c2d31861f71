// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_TRACE_H_
#define SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_TRACE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "allocator/extent.h"

namespace slotwise {

// The calls that an allocator got, to be made again: engines are deterministic, so a
// pristine one answers as the recorded one did. What is timed is the replay, so the
// choice of sizes and victims costs nothing.
class AllocatorTrace {
 public:
  // One call. Live placements are kept in cells, which are used again.
  struct Step {
    uint32_t cell;
    uint32_t count;  // Allocate(count) into the cell; 0: Free what is in it
  };

  void Allocate(uint32_t cell, BlockCount count) { Add({cell, static_cast<uint32_t>(count.value())}); }
  void Free(uint32_t cell) { Add({cell, 0}); }
  // What follows is measured; what came before made the allocator warm.
  void BeginMeasurement() { warm_up_ = steps_.size(); }

  std::span<const Step> warm_up() const { return std::span(steps_).first(warm_up_); }
  std::span<const Step> measured() const { return std::span(steps_).subspan(warm_up_); }
  size_t cells() const { return cells_; }

 private:
  void Add(Step step) {
    steps_.push_back(step);
    if (step.cell >= cells_) cells_ = step.cell + 1;
  }

  std::vector<Step> steps_;
  size_t warm_up_ = 0;
  size_t cells_ = 0;
};

// Makes the calls. `Engine` has Allocate and Free as an Allocator; it need not be one.
// Placements are fetched into the processor's cache a few steps ahead: a store has just
// looked at the entry when it frees its blocks.
template <typename Engine>
void Replay(std::span<const AllocatorTrace::Step> steps, Engine& engine, std::vector<Placement>& cells) {
  constexpr size_t kAhead = 8;
  for (size_t i = 0; i < steps.size(); ++i) {
    __builtin_prefetch(&cells[steps[i + kAhead < steps.size() ? i + kAhead : i].cell]);
    Placement& cell = cells[steps[i].cell];
    if (steps[i].count == 0) {
      engine.Free(cell);
    } else if (const std::optional<Placement> placement = engine.Allocate(BlockCount(steps[i].count))) {
      cell = *placement;
    }
  }
}

}  // namespace slotwise

#endif  // SLOTWISE_ALLOCATOR_TESTING_ALLOCATOR_TRACE_H_
