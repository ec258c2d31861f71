// SPDX-License-Identifier: Apache-2.0
#include "iouring/ring_probe.h"

#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "iouring/system/errno_status.h"
#include "iouring/system/kernel_ring.h"
#include "liburing.h"

namespace slotwise {
namespace {

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

absl::Status PolledError(const DeviceFile& file, absl::string_view reason) {
  return absl::FailedPreconditionError(
      absl::StrCat("completions of ", file.path(), " cannot be polled for (IOPOLL): ", reason));
}

// Of the first unit of the device.
absl::Status ReadPolled(const DeviceFile& file) {
  const uint32_t unit = file.geometry().alignment;
  const std::unique_ptr<void, Free> memory(std::aligned_alloc(unit, unit));
  io_uring_sqe read = {};
  io_uring_prep_read(&read, file.fd(), memory.get(), unit, 0);
  const int result = KernelRing::Probe(read, IORING_SETUP_IOPOLL);
  return result >= 0 ? absl::OkStatus() : ErrnoStatus(-result, "a read with IOPOLL fails");
}

}  // namespace

absl::Status CheckPolled(const DeviceFile& file) {
  if (const absl::Status read = ReadPolled(file); !read.ok()) return PolledError(file, read.message());
  if (file.geometry().polled) return absl::OkStatus();
  return PolledError(file, "its driver has no queues to poll, as queue/io_poll in sysfs says (see nvme.poll_queues)");
}

}  // namespace slotwise
