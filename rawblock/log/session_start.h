// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_LOG_SESSION_START_H_
#define SLOTWISE_RAWBLOCK_LOG_SESSION_START_H_

#include <cstdint>

#include "absl/status/status.h"
#include "iouring/device.h"
#include "rawblock/log/recovery.h"

namespace slotwise {

// A session number like no other's: never 0, from the system's source of random bits.
uint64_t RandomSessionNumber();

// What a session writes before its first record, in this order; each is durable before the next begins:
//
//   what recovery found        it may be in the drive's cache only, and what is written next would follow a gap
//   superblock copies          those that were damaged
//   the session block          see Session
//   a checkpoint               if something was damaged, so that the damage is never read again; or if the ring is
//                              short of room; or if `checkpoint` asks for it
//
// Then `store` has the new session and says where its journal goes on. A crash on the way leaves the store as it was.
// `number` is that of no session before (see RandomSessionNumber). On an error, the device's, nothing may be written.
// Blocks.
absl::Status StartSession(Device* device, uint64_t number, bool checkpoint, RecoveredStore* store);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_LOG_SESSION_START_H_
