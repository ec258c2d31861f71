// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_OPEN_DEVICE_H_
#define SLOTWISE_IOURING_OPEN_DEVICE_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "iouring/device.h"
#include "iouring/device_file.h"
#include "iouring/uring_device.h"
#include "slotwise/device_options.h"

namespace slotwise {

std::string_view IoEngineName(IoEngine engine);  // "auto", "uring" or "file"

struct OpenedDevice {
  std::unique_ptr<Device> device = nullptr;
  UringDevice* uring = nullptr;          // `device`, if io_uring drives it: a MemoryRegistrar, and what it chose
  IoEngine io_engine = IoEngine::kAuto;  // kUring or kFile
  absl::Status fallback = {};            // why kAuto became kFile
  DeviceGeometry geometry = {};
};

// Opens `path` (see DeviceFile::Open for the errors) and drives it with the
// engine of the options. kUring where the kernel or a seccomp filter forbids
// io_uring: kUnimplemented or kPermissionDenied; where it may not lock the memory
// of a ring: kAborted. A fallback, and the page cache, are each a line in the log.
absl::StatusOr<OpenedDevice> OpenDevice(const std::string& path, const OpenDeviceOptions& options);

// The same of a file that is open already; `options.file` is not looked at.
absl::StatusOr<OpenedDevice> OpenDevice(DeviceFile file, const OpenDeviceOptions& options);

// For people: "io_uring, O_DIRECT" or "preadv and pwritev, page cache", with the
// reason of a fallback.
std::string DescribeEngine(const OpenedDevice& opened);

// For people: whether transfers go to and from registered memory, or how much of
// it this process may register.
std::string DescribeBuffers(const OpenedDevice& opened);

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_OPEN_DEVICE_H_
