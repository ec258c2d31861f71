// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_BLOCKING_TRANSFER_H_
#define SLOTWISE_IOURING_BLOCKING_TRANSFER_H_

#include <cstdint>

#include "iouring/device.h"
#include "iouring/device_file.h"
#include "iouring/request_queue.h"
#include "iouring/transfer.h"

namespace slotwise {

// Performs the piece of `transfer` with one system call, blocking. Returns bytes or a negative errno.
int64_t PerformPiece(const DeviceFile& file, const Transfer& transfer);

// Performs the first request of `queue` with system calls, blocking, and returns it when it has ended.
// REQUIRES: no part of `queue` has begun, and one may.
IoRequest* PerformFirst(const DeviceFile& file, RequestQueue* queue);

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_BLOCKING_TRANSFER_H_
