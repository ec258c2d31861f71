// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_STORE_OPTIONS_H_
#define SLOTWISE_STORE_OPTIONS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "slotwise/eviction_policy_kind.h"

namespace slotwise {

// How much of a store stays free, as parts of its capacity, so that a put finds room
// without waiting for evictions to be durable.
struct Watermarks {
  double low = 1.0 / 1024;
  double high = 2.0 / 1024;

  // Neither is negative, low <= high <= 1/4. InvalidArgument, naming the value, if not.
  absl::Status Validate() const;
};

class StageObserver;

enum class Durability : uint8_t {
  kBatched,  // acknowledged after the payload write; durable within the commit interval
  kDurable,  // acknowledged once it survives a crash
};

enum class PutOutcome : uint8_t {
  kStored,
  kAlreadyStored,  // the key was there and was kept as it was; counts as use
};

struct CoreOptions {
  EvictionPolicyKind policy = EvictionPolicyKind::kLru;
  // The longest that an acknowledged kBatched operation stays volatile.
  absl::Duration commit_interval = absl::Milliseconds(50);
  // Puts and gets at work on the device at once; the others wait their turn.
  // 0: the device's queue depth.
  int operations_in_flight_max = 0;
  // How much of the data region stays free; ahead of demand, with each put.
  Watermarks watermarks{};
  // Names the session, so that its writes are told from those of any other; random. 0: drawn from the system's random
  // source.
  uint64_t session = 0;
  // Hears how long the stages from kTurn to kDurable took; borrowed, may be null.
  StageObserver* observer = nullptr;
};

struct PutOptions {
  Durability durability = Durability::kBatched;
  // Whether a key that is already there gets the new payload.
  bool replace = false;
};

struct RemoveOptions {
  Durability durability = Durability::kBatched;
  // Remove even while pinned; the space stays reserved until the last Unpin.
  bool force = false;
};

// Keeps one entry from being evicted or removed, and its blocks from being reused. Give it back with Unpin, to the core
// or shard that gave it. No two pins of a core have the same number, so one that is given back twice takes nobody
// else's.
class Pin {
 public:
  explicit Pin(uint64_t number) : number_(number) {}
  uint64_t number() const { return number_; }

 private:
  uint64_t number_;
};

}  // namespace slotwise

#endif  // SLOTWISE_STORE_OPTIONS_H_
