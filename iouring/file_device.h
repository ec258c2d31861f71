// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_FILE_DEVICE_H_
#define SLOTWISE_IOURING_FILE_DEVICE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "iouring/device.h"
#include "iouring/device_file.h"
#include "iouring/flush_latch.h"
#include "iouring/transfer.h"

namespace slotwise {

struct FileDeviceOptions {
  int queue_depth = 64;                             // at least 1
  uint64_t transfer_bytes_max = uint64_t{1} << 30;  // larger requests travel in pieces; a multiple of the alignment
};

// A device driven by preadv and pwritev, for systems without io_uring. Submit
// only queues; Poll performs, in order, all that was queued when it was called,
// however long that takes. Requests that callbacks submit wait for the next
// Poll.
class FileDevice final : public Device {
 public:
  FileDevice(DeviceFile file, const FileDeviceOptions& options);
  FileDevice(const FileDevice&) = delete;
  FileDevice& operator=(const FileDevice&) = delete;
  ~FileDevice() override;

  uint64_t size() const override { return file_.geometry().size; }
  uint32_t alignment() const override { return file_.geometry().alignment; }
  int queue_depth() const override { return static_cast<int>(queue_.size()); }
  int in_flight() const override { return static_cast<int>(queued_); }
  void Submit(IoRequest* request) override;
  absl::Status Poll(absl::Duration timeout) override;

 private:
  IoRequest* PerformFirst();  // performs the first in the queue and sets its status

  DeviceFile file_;
  uint64_t transfer_bytes_max_;
  std::vector<Transfer> queue_;  // a ring of queued_ transfers from first_ on
  size_t first_ = 0;
  size_t queued_ = 0;
  FlushLatch flush_latch_;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_FILE_DEVICE_H_
