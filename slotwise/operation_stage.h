// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_OPERATION_STAGE_H_
#define SLOTWISE_OPERATION_STAGE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/time/time.h"

namespace slotwise {

// The stages in which an operation spends its time.
enum class OperationStage : uint8_t {
  kQueue,    // from its call until the shard's thread takes it
  kTurn,     // a get's or put's wait for a place in the device's queue, and a put's for room
  kWrite,    // a put's checksum, and its payload's way to the device
  kRead,     // a get's payload, from the device
  kVerify,   // a get's checksum
  kDurable,  // of an operation that asked for it: the wait for its journal group
  kPut,      // from call to answer: a payload that was stored
  kGet,      // from call to answer: a hit
};
inline constexpr size_t kOperationStages = 8;

// By stage.
inline constexpr std::array<std::string_view, kOperationStages> kOperationStageNames = {
    "queue", "turn", "write", "read", "verify", "durable", "put", "get"};

// Hears how long stages took. One thread.
class StageObserver {
 public:
  virtual ~StageObserver() = default;
  virtual void OnStage(OperationStage stage, absl::Duration took) = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_OPERATION_STAGE_H_
