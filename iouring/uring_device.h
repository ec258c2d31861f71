// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_URING_DEVICE_H_
#define SLOTWISE_IOURING_URING_DEVICE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "iouring/advance.h"
#include "iouring/device.h"
#include "iouring/device_file.h"
#include "iouring/flush_latch.h"
#include "iouring/memory_registrar.h"
#include "iouring/registered_arena.h"
#include "iouring/transfer.h"
#include "liburing.h"

namespace slotwise {

struct UringOptions {
  int queue_depth = 64;                             // 1 to 4096
  uint64_t transfer_bytes_max = uint64_t{1} << 30;  // larger requests travel in pieces; a multiple of the alignment
};

// A device driven by io_uring. Requests become submission queue entries at
// Submit and reach the kernel together, with one io_uring_enter, at Poll. Each
// request has one entry in flight at a time, so neither queue can overflow, and
// nothing is allocated per request. A transfer that comes back short goes on
// from where it stopped at the next Poll, which may therefore return without
// having called any `done`; it may do so after a signal, too.
//
// The ring asks for SINGLE_ISSUER and DEFER_TASKRUN and does without where the
// kernel is older than 6.1. The thread of the first Poll owns the device; until
// then another may create it and register memory.
class UringDevice final : public Device, public MemoryRegistrar {
 public:
  // OK if this process may use io_uring; kUnimplemented or kPermissionDenied if
  // the kernel lacks it or forbids it (kernel.io_uring_disabled, seccomp).
  static absl::Status Available();

  static absl::StatusOr<std::unique_ptr<UringDevice>> Create(DeviceFile file, const UringOptions& options);

  UringDevice(const UringDevice&) = delete;
  UringDevice& operator=(const UringDevice&) = delete;
  ~UringDevice() override;

  uint64_t size() const override { return file_.geometry().size; }
  uint32_t alignment() const override { return file_.geometry().alignment; }
  int queue_depth() const override { return static_cast<int>(flights_.size()); }
  int in_flight() const override { return queue_depth() - static_cast<int>(idle_.size()); }
  void Submit(IoRequest* request) override;
  absl::Status Poll(absl::Duration timeout) override;

  // Transfers of one buffer anywhere inside `arena` skip the pinning of pages.
  // One arena per device. Where the kernel refuses to pin that much
  // (RLIMIT_MEMLOCK), the log says so, buffers_registered() is false, and
  // everything works as before, slower: that is no error.
  // REQUIRES: nothing registered before, unless unregistered.
  absl::Status Register(std::span<std::byte> arena) override;
  void Unregister(std::span<std::byte> arena) override;

  bool buffers_registered() const { return !arena_.empty(); }
  // Whether the kernel runs completions only within Poll (DEFER_TASKRUN).
  bool deferred_completions() const { return (ring_.flags & IORING_SETUP_DEFER_TASKRUN) != 0; }

 private:
  UringDevice(DeviceFile file, const UringOptions& options);

  absl::Status Start();
  absl::Status Enter(absl::Duration timeout);
  absl::Status Enable();
  void Reap();
  void Complete(uint32_t slot, int result);
  void Prepare(uint32_t slot);
  void PrepareTransfer(io_uring_sqe* sqe, const Transfer& transfer) const;

  DeviceFile file_;
  uint64_t transfer_bytes_max_;
  io_uring ring_ = {};
  bool ring_exists_ = false;
  bool enabled_ = false;
  std::vector<Transfer> flights_;  // by slot, which is the user_data of its entry
  std::vector<uint32_t> idle_;     // slots without a request
  TransferProgress enter_progress_;
  RegisteredArena arena_;
  FlushLatch flush_latch_;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_URING_DEVICE_H_
