// SPDX-License-Identifier: Apache-2.0
#include "allocator/testing/state_space.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

#include "glog/logging.h"

namespace slotwise {
namespace {

using Kind = HistoryStep::Kind;

std::string Encode(const Placement& placement) {
  std::string code(1, static_cast<char>(placement.size()));
  for (const Extent& extent : placement) {
    code.push_back(static_cast<char>(extent.start().value()));
    code.push_back(static_cast<char>(extent.count().value()));
  }
  return code;
}

// What is live after `history`, by address.
std::vector<Placement> LiveAfter(const History& history) {
  std::vector<Placement> live;
  for (const HistoryStep& step : history) {
    if (step.kind == Kind::kFree) {
      live.erase(std::find(live.begin(), live.end(), step.placement));
    } else if (!step.placement.empty()) {
      live.push_back(step.placement);
    }
  }
  std::sort(live.begin(), live.end(), [](const Placement& a, const Placement& b) { return a.front() < b.front(); });
  return live;
}

// Every sequence of 1 to `extents_max` extents that begin and end up to one block
// behind `capacity`, empty ones too, and the empty sequence.
std::vector<Placement> PlacementsOf(BlockCount capacity, size_t extents_max) {
  std::vector<Placement> placements(1);
  size_t shorter = 0;
  for (size_t extents = 0; extents < extents_max; ++extents) {
    for (const size_t end = placements.size(); shorter < end; ++shorter) {
      for (uint64_t start = 0; start <= capacity.value(); ++start) {
        for (uint64_t count = 0; start + count <= capacity.value() + 1; ++count) {
          placements.push_back(placements[shorter]);
          placements.back().Append(Extent(BlockIndex(start), BlockCount(count)));
        }
      }
    }
  }
  return placements;
}

void Describe(const HistoryStep& step, std::ostream& out) {
  constexpr const char* kNames[] = {"Allocate ", "Free ", "Mark "};
  out << kNames[static_cast<size_t>(step.kind)];
  if (step.kind == Kind::kAllocate) out << step.count << " = ";
  out << step.placement << "; ";
}

absl::Status Broken(const History& history, absl::string_view promise) {
  std::ostringstream message;
  for (const HistoryStep& step : history) Describe(step, message);
  message << promise;
  return absl::InternalError(message.str());
}

}  // namespace

StateSpace::StateSpace(StateSpaceOptions options) : options_(std::move(options)) {
  const std::unique_ptr<Allocator> pristine = options_.subject.create();
  CHECK_LT(pristine->capacity(), BlockCount(255)) << "a block is a byte";
  for (uint64_t count = 1; count <= pristine->largest_allocation().value() + 1; ++count) counts_.emplace_back(count);
  candidates_ = PlacementsOf(pristine->capacity(), options_.mark_extents_max);
}

absl::Status StateSpace::Explore() {
  if (absl::Status status = Arrive({}); !status.ok()) return status;
  for (current_ = 0; current_ < states_.size(); ++current_) {
    const History history = HistoryTo(current_);
    depth_ = history.size();
    if (absl::Status status = CheckState(history); !status.ok()) return Broken(history, status.message());
    if (history.size() >= options_.steps_max) continue;
    if (absl::Status status = Expand(history); !status.ok()) return status;
  }
  return options_.marks_only_what_it_allocates ? CheckMarksAreAllocated() : absl::OkStatus();
}

History StateSpace::HistoryTo(uint32_t state) const {
  History history;
  for (; states_[state].parent != state; state = states_[state].parent) history.push_back(states_[state].step);
  std::reverse(history.begin(), history.end());
  return history;
}

std::unique_ptr<Allocator> StateSpace::Replay(const History& history, const std::vector<Placement>& marks) const {
  std::unique_ptr<Allocator> allocator = options_.subject.create();
  for (const HistoryStep& step : history) {
    switch (step.kind) {
      case Kind::kAllocate:
        CHECK(allocator->Allocate(step.count).value_or(Placement()) == step.placement)
            << "the answer was another before";
        break;
      case Kind::kFree:
        allocator->Free(step.placement);
        break;
      case Kind::kMark:
        CHECK(allocator->Mark(step.placement)) << "the answer was another before";
        break;
    }
  }
  for (const Placement& mark : marks) CHECK(!allocator->Mark(mark)) << "the answer was another before";
  return allocator;
}

AllocatorModel StateSpace::ModelAfter(const History& history) const {
  return {options_.subject, Replay(history), LiveAfter(history)};
}

absl::Status StateSpace::Expand(const History& history) {
  const std::vector<Placement> marks = AcceptedMarks(history);
  if (absl::Status status = CheckRefusedMarks(history, marks); !status.ok()) return status;
  std::vector<HistoryStep> steps;
  for (BlockCount count : counts_) steps.push_back({Kind::kAllocate, count, {}});
  for (const Placement& live : LiveAfter(history)) steps.push_back({Kind::kFree, {}, live});
  for (const Placement& mark : marks) steps.push_back({Kind::kMark, {}, mark});
  for (const HistoryStep& step : steps) {
    if (absl::Status status = Take(history, step); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status StateSpace::Take(const History& history, HistoryStep step) {
  AllocatorModel model = ModelAfter(history);
  const std::vector<Placement> before = model.live();
  absl::Status status;
  switch (step.kind) {
    case Kind::kAllocate:
      status = model.Allocate(step.count);
      if (model.live().size() > before.size()) step.placement = model.live().back();
      if (!step.placement.empty()) allocated_.insert(Encode(step.placement));
      break;
    case Kind::kFree:
      status =
          model.Free(static_cast<size_t>(std::find(before.begin(), before.end(), step.placement) - before.begin()));
      break;
    case Kind::kMark:
      status = model.Mark(step.placement);
      marked_.emplace(Encode(step.placement), step.placement);
      break;
  }
  ++transitions_;
  History longer = history;
  longer.push_back(step);
  return status.ok() ? Arrive(longer) : Broken(longer, status.message());
}

absl::Status StateSpace::Arrive(const History& history) {
  const std::vector<Placement> live = LiveAfter(history);
  std::string live_set(1, static_cast<char>(live.size()));
  for (const Placement& placement : live) live_set += Encode(placement);
  const bool live_set_is_new = live_sets_.insert(live_set).second;
  if (options_.merge) {
    std::string key = std::move(live_set) + Answers(history);
    if (options_.memory) key += options_.memory(history);
    if (!keys_.insert(std::move(key)).second) return absl::OkStatus();
    if (!live_set_is_new && options_.subject.aged == Likeness::kEveryAnswer) {
      return Broken(history, "the answers follow from more than the live placements");
    }
  }
  states_.push_back({current_, history.empty() ? HistoryStep{} : history.back()});
  return absl::OkStatus();
}

absl::Status StateSpace::CheckState(const History& history) const {
  const uint64_t seed = current_;
  if (absl::Status status = ModelAfter(history).Rebuild(seed); !status.ok()) return status;
  if (absl::Status status = ModelAfter(history).FreeAll(seed); !status.ok()) return status;
  for (BlockCount count : counts_) {
    if (absl::Status status = ModelAfter(history).EvictAndAllocate(count); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status StateSpace::CheckRefusedMarks(const History& history, const std::vector<Placement>& accepted) const {
  std::vector<Placement> refused;
  for (const Placement& candidate : candidates_) {
    if (std::find(accepted.begin(), accepted.end(), candidate) == accepted.end()) refused.push_back(candidate);
  }
  const AllocatorModel model(options_.subject, Replay(history, refused), LiveAfter(history));
  if (absl::Status status = model.Check(); !status.ok()) return Broken(history, status.message());
  if (!options_.refused_marks_leave_no_trace || Answers(history, refused) == Answers(history)) return absl::OkStatus();
  return Broken(history, "a refused Mark changed the answers");
}

absl::Status StateSpace::CheckMarksAreAllocated() const {
  for (const auto& [code, placement] : marked_) {
    if (!allocated_.contains(code)) {
      return Broken({{Kind::kMark, {}, placement}}, "Allocate never gives out what Mark took");
    }
  }
  return absl::OkStatus();
}

std::vector<Placement> StateSpace::AcceptedMarks(const History& history) const {
  std::vector<Placement> accepted;
  std::unique_ptr<Allocator> allocator = Replay(history);
  for (const Placement& candidate : candidates_) {
    if (!allocator->Mark(candidate)) continue;
    accepted.push_back(candidate);
    allocator = Replay(history);
  }
  return accepted;
}

std::string StateSpace::Answers(const History& history, const std::vector<Placement>& marks) const {
  std::string answers;
  for (BlockCount count : counts_) {
    const std::unique_ptr<Allocator> allocator = Replay(history, marks);
    for (const Placement& live : LiveAfter(history)) answers.push_back(allocator->Helps(live, count) ? '+' : '-');
    for (auto given = allocator->Allocate(count); given; given = allocator->Allocate(count)) answers += Encode(*given);
  }
  return answers;
}

}  // namespace slotwise
