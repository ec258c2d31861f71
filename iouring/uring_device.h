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
#include "iouring/device.h"
#include "iouring/device_file.h"
#include "iouring/flush_latch.h"
#include "iouring/memory_registrar.h"
#include "iouring/request_queue.h"
#include "iouring/system/registered_arena.h"
#include "iouring/system/ring.h"
#include "iouring/transfer.h"
#include "liburing.h"

namespace slotwise {

struct UringOptions {
  int queue_depth = 64;             // 1 to kQueueDepthMax
  uint64_t transfer_bytes_max = 0;  // of one queue entry; a multiple of the alignment; 0: what the device takes at once
  bool sqpoll = false;              // a thread of the kernel takes the entries: fewer system calls, for a core
  bool iopoll = false;              // completions are polled for: less latency, for a core; needs driver support
  int wake_fd = -1;                 // of a Waker, borrowed: its Wake ends a Poll that waits; not with iopoll
};

// A device driven by io_uring. Requests reach the kernel together, with one
// io_uring_enter, at Poll. A request larger than what the device takes at once
// travels as several queue entries side by side: the kernel would hand it to a
// worker thread of its own, which cuts it up slowly. At most queue_depth()
// entries are in flight, and nothing is allocated per request. A transfer that
// comes back short goes on from where it stopped at the next Poll, which may
// therefore return without having called any `done`; it may do so after a
// signal, too.
//
// The thread of the first Poll owns the device; until then another may create
// it and register memory. No other thread is needed; SQPOLL asks the kernel for
// one of its own.
//
// With IOPOLL the kernel polls for reads and writes only: flushes are
// system calls that block Poll. Its timeout has no effect while a read or
// write is in flight. So is any flush for which the kernel finds no worker.
//
// A ring made by MakeRing holds the claim of the device, so that what a killed
// process had in flight has ended before another process can open the device.
class UringDevice final : public Device, public MemoryRegistrar {
 public:
  // As KernelRing::Available.
  static absl::Status Available();

  // The ring of a device with `options`, which has `file` and its claim; `file` goes on without. Errors, which leave
  // `file` as it was: those of Available; kFailedPrecondition, with the reason, where the device cannot do IOPOLL.
  static absl::StatusOr<std::unique_ptr<Ring>> MakeRing(const UringOptions& options, DeviceFile* file);

  // Over the ring that it makes. Errors of MakeRing.
  static absl::StatusOr<std::unique_ptr<UringDevice>> Create(DeviceFile file, const UringOptions& options);

  // Over a ring with as many entries as the queue is deep, of which `file` is
  // the registered file 0.
  UringDevice(DeviceFile file, const UringOptions& options, std::unique_ptr<Ring> ring);

  UringDevice(const UringDevice&) = delete;
  UringDevice& operator=(const UringDevice&) = delete;
  ~UringDevice() override;

  uint64_t size() const override { return file_.geometry().size; }
  uint32_t alignment() const override { return file_.geometry().alignment; }
  int queue_depth() const override { return static_cast<int>(flights_.size()); }
  int in_flight() const override { return queue_.in_flight() + blocking_.in_flight(); }
  void Submit(IoRequest* request) override;
  void Cancel(IoRequest* request) override;
  absl::Status Poll(absl::Duration timeout) override;
  absl::Status Close() override;

  // Transfers of one buffer anywhere inside `arena` skip the pinning of pages.
  // One arena per device. Where the kernel refuses to pin that much
  // (RLIMIT_MEMLOCK), the log says so, buffers_registered() is false, and
  // everything works as before, slower: that is no error.
  // REQUIRES: nothing registered before, unless unregistered; the device is open.
  absl::Status Register(std::span<std::byte> arena) override;
  void Unregister(std::span<std::byte> arena) override;

  bool buffers_registered() const { return !arena_.empty(); }

 private:
  size_t in_ring() const { return flights_.size() - idle_.size() - resuming_.size(); }  // entries not completed
  RequestQueue& QueueOf(const IoRequest& request) {
    return iopoll_ && request.op == IoRequest::Op::kFlush ? blocking_ : queue_;
  }
  bool IsGivenUp(uint32_t slot) const;
  bool PerformBlocking();
  bool EndGivenUp();
  bool EndResuming();
  void ListCancels();
  void SendCancels();
  void Fill();
  void ArmWake();
  uint32_t NextSlot();
  absl::Status Enter(absl::Duration timeout);
  int EnterAgain(absl::Duration timeout);
  size_t Reap();
  void Complete(const RingCompletion& completion);
  int64_t Result(const Transfer& transfer, int32_t result) const;
  void EndFlight(uint32_t slot);
  void Finish(IoRequest* request);

  DeviceFile file_;
  bool iopoll_;
  int wake_fd_;              // -1: nobody wakes it
  bool wake_armed_ = false;  // the ring watches wake_fd_
  std::unique_ptr<Ring> ring_;
  RequestQueue queue_;
  RequestQueue blocking_;           // what an IOPOLL ring cannot do
  std::vector<Transfer> flights_;   // by slot, which is the user_data of its entry
  std::vector<uint32_t> idle_;      // slots without a transfer
  std::vector<uint32_t> resuming_;  // slots whose transfer came back short and needs an entry again
  bool cancels_due_ = false;        // a request was given up since ListCancels
  std::vector<uint32_t> cancels_;   // slots whose entry the kernel is to be asked to give up
  RegisteredArena arena_;
  FlushLatch flush_latch_;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_URING_DEVICE_H_
