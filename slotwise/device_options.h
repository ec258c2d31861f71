// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_DEVICE_OPTIONS_H_
#define SLOTWISE_DEVICE_OPTIONS_H_

namespace slotwise {

struct DeviceFileOptions {
  bool read_only = false;
  bool buffered = false;  // through the page cache, for file systems without O_DIRECT
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
