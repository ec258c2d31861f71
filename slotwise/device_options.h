// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_DEVICE_OPTIONS_H_
#define SLOTWISE_DEVICE_OPTIONS_H_

#include "absl/time/time.h"

namespace slotwise {

struct DeviceFileOptions {
  bool read_only = false;
  bool buffered = false;  // through the page cache, for file systems without O_DIRECT
  // How long to wait for a device in use: the kernel may still be finishing the writes of a process that was killed.
  absl::Duration claim_wait = absl::Seconds(5);
};

// What drives a device.
enum class IoEngine {
  kAuto,   // kUring where the kernel offers it, else kFile with a line in the log
  kUring,  // io_uring
  kFile,   // preadv(2) and pwritev(2)
};

struct OpenDeviceOptions {
  DeviceFileOptions file = {};
  IoEngine io_engine = IoEngine::kAuto;
  int queue_depth = 64;  // transfers in flight, 1 to 4096
  // Opening fails where they are asked for and cannot be had.
  bool sqpoll = false;  // a thread of the kernel takes the requests: fewer system calls, for a core
  bool iopoll = false;  // completions are polled for: less latency, for a core; needs driver support
  int wake_fd = -1;     // a store sets its own
};

}  // namespace slotwise

#endif  // SLOTWISE_DEVICE_OPTIONS_H_
