// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_FILE_DEVICE_H_
#define SLOTWISE_IOURING_FILE_DEVICE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "iouring/device.h"
#include "iouring/device_file.h"
#include "iouring/flush_latch.h"
#include "iouring/request_queue.h"

namespace slotwise {

struct FileDeviceOptions {
  int queue_depth = 64;                             // at least 1; what queue_depth() says, since one goes at a time
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
  int queue_depth() const override { return queue_depth_; }
  int in_flight() const override { return queue_.in_flight(); }
  void Submit(IoRequest* request) override;
  void Cancel(IoRequest* request) override { queue_.GiveUp(request); }
  absl::Status Poll(absl::Duration timeout) override;
  absl::Status Close() override;

 private:
  DeviceFile file_;
  int queue_depth_;
  RequestQueue queue_;
  FlushLatch flush_latch_;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_FILE_DEVICE_H_
