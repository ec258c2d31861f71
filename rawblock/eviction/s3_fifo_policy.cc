// SPDX-License-Identifier: Apache-2.0
#include "rawblock/eviction/s3_fifo_policy.h"

#include "glog/logging.h"

namespace slotwise {
S3FifoPolicy::S3FifoPolicy(uint64_t capacity)
    : main_size_max_(capacity - capacity / 10), ghosts_(capacity - capacity / 10 - (capacity % 10 == 0 ? 0 : 1)) {}

Arrival S3FifoPolicy::Arrive(uint64_t key_hash, uint64_t size) {
  const bool remembered = ghosts_.Forget(key_hash);
  return {.key_hash = key_hash, .size = size, .remembered = static_cast<uint8_t>(remembered ? 1 : 0)};
}

void S3FifoPolicy::Track(EntryId id, const Arrival& arrival) {
  const uint32_t queue = arrival.remembered != 0 ? kMain : kSmall;
  queues_.Append(queue, id);
  if (states_.size() <= id) states_.resize(size_t{id} + 1);
  states_[id] = {.key_hash = arrival.key_hash, .size = arrival.size, .frequency = 0, .queue = queue};
  CHECK_EQ(states_[id].size, arrival.size);
  if (queue == kMain) main_size_ += arrival.size;
}

void S3FifoPolicy::Touch(EntryId id) {
  CHECK(queues_.Contains(id));
  State& state = states_[id];
  if (state.frequency < kFrequencyMax) ++state.frequency;
}

void S3FifoPolicy::Untrack(EntryId id) {
  queues_.Remove(id);
  if (states_[id].queue == kMain) main_size_ -= states_[id].size;
}

std::optional<EntryId> S3FifoPolicy::Evict(const Arrival& /*arrival*/, absl::FunctionRef<bool(EntryId)> accept) {
  size_t candidates = kCandidatesMax;
  const bool small_first = main_size_ <= main_size_max_ && queues_.oldest(kSmall) != EntryLists::kNone;
  if (small_first) {
    if (const std::optional<EntryId> victim = EvictSmall(&candidates, accept)) return victim;
  }
  if (const std::optional<EntryId> victim = EvictMain(&candidates, accept)) return victim;
  if (small_first) return std::nullopt;
  if (const std::optional<EntryId> victim = EvictSmall(&candidates, accept)) return victim;
  return EvictMain(&candidates, accept);
}

std::optional<EntryId> S3FifoPolicy::EvictSmall(size_t* candidates, absl::FunctionRef<bool(EntryId)> accept) {
  EntryId next = EntryLists::kNone;
  for (EntryId id = queues_.oldest(kSmall); id != EntryLists::kNone && *candidates > 0; id = next) {
    next = queues_.newer(id);
    if (states_[id].frequency >= kPromotedFrom) {
      MoveToMain(id);
    } else if (accept(id)) {
      Untrack(id);
      ghosts_.Remember(states_[id].key_hash, states_[id].size);
      return id;
    } else {
      --*candidates;
    }
  }
  return std::nullopt;
}

void S3FifoPolicy::MoveToMain(EntryId id) {
  State& state = states_[id];
  queues_.Remove(id);
  queues_.Append(kMain, id);
  state.queue = kMain;
  state.frequency = 0;
  main_size_ += state.size;
}

std::optional<EntryId> S3FifoPolicy::EvictMain(size_t* candidates, absl::FunctionRef<bool(EntryId)> accept) {
  EntryId next = EntryLists::kNone;
  for (EntryId id = queues_.oldest(kMain); id != EntryLists::kNone && *candidates > 0; id = next) {
    next = queues_.newer(id);
    if (states_[id].frequency > 0) {
      --states_[id].frequency;
      queues_.Remove(id);
      queues_.Append(kMain, id);
      if (next == EntryLists::kNone) next = id;
    } else if (accept(id)) {
      Untrack(id);
      return id;
    } else {
      --*candidates;
    }
  }
  return std::nullopt;
}

void S3FifoPolicy::CheckInvariants() const {
  queues_.CheckInvariants();
  ghosts_.CheckInvariants();
  uint64_t main_size = 0;
  for (uint32_t queue : {kSmall, kMain}) {
    for (EntryId id = queues_.oldest(queue); id != EntryLists::kNone; id = queues_.newer(id)) {
      CHECK_EQ(states_[id].queue, queue);
      if (queue == kMain) main_size += states_[id].size;
    }
  }
  CHECK_EQ(main_size, main_size_);
}

}  // namespace slotwise
