// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_DEVICE_LOAD_H_
#define SLOTWISE_TOOLS_BENCH_DEVICE_LOAD_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "iouring/buffer_pool.h"
#include "iouring/device.h"
#include "rawblock/core/clock.h"

namespace slotwise {

struct DeviceLoad {
  IoRequest::Op op = IoRequest::Op::kRead;  // kRead or kWrite
  uint64_t block_bytes = 65536;             // of each request, a multiple of the device's alignment
  int requests_in_flight = 32;
  absl::Duration duration = absl::Seconds(2);
  uint64_t seed = 42;  // of the places
};

struct DeviceLoadResult {
  uint64_t requests = 0;
  uint64_t bytes = 0;
  absl::Duration elapsed;   // until the last request was done
  absl::Duration cpu_time;  // of the whole process, its kernel workers included
};

// Keeps a number of requests in flight on `device`, each at a random place and
// with its own buffer of `pool`, for some time. Writes what the buffers hold.
// Fails with the first request that does.
// REQUIRES: nothing is in flight; the device has room for a block, the pool for
// a buffer for each request.
absl::StatusOr<DeviceLoadResult> ApplyLoad(const DeviceLoad& load, Device* device, BufferPool* pool, Clock* clock);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_DEVICE_LOAD_H_
