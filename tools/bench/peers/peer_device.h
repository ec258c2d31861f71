// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_PEER_DEVICE_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_PEER_DEVICE_H_

#include "iouring/open_device.h"

namespace slotwise {

// How the raw device and the store above it are opened: alike, so that what they
// differ in is the store.
inline OpenDeviceOptions PeerDeviceOptions() { return {.queue_depth = 256}; }

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_PEER_DEVICE_H_
