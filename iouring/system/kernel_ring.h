// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_SYSTEM_KERNEL_RING_H_
#define SLOTWISE_IOURING_SYSTEM_KERNEL_RING_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "iouring/system/process_identity.h"
#include "iouring/system/ring.h"

namespace slotwise {

// What to do about an errno of io_uring's own calls, in parentheses after a
// space; empty where there is no advice.
std::string_view RingAdvice(int error);

struct KernelRingOptions {
  unsigned entries = 64;  // of the submission queue; the completion queue has twice as many
  bool sqpoll = false;    // a thread of the kernel takes the entries, so that Enter is rarely a system call
  bool iopoll = false;    // completions are polled for; Enter spins instead of sleeping, and knows no timeout
};

// An io_uring of this process with one registered file, which entries name by
// index 0. It asks for SINGLE_ISSUER and DEFER_TASKRUN and does without where
// the kernel is older than 6.1.
class KernelRing final : public Ring {
 public:
  // Makes a small ring and uses it once. OK if this process may use io_uring;
  // kUnimplemented or kPermissionDenied if the kernel lacks it or forbids it, all
  // of it or one of its system calls (kernel.io_uring_disabled, seccomp); kAborted
  // if there is not enough memory to lock.
  static absl::Status Available();

  // What the kernel answers to `entry` alone, performed on a ring of its own
  // with `setup_flags`; or the negative errno with which it refuses such a ring.
  static int Probe(const io_uring_sqe& entry, unsigned setup_flags);

  // `fd` is borrowed; the ring has its open file too, until it is destroyed, or somewhat longer. If its process is
  // killed, until the last transfer has ended. kAborted as of Available.
  static absl::StatusOr<std::unique_ptr<KernelRing>> Create(int fd, const KernelRingOptions& options);

  KernelRing(const KernelRing&) = delete;
  KernelRing& operator=(const KernelRing&) = delete;
  ~KernelRing() override;

  io_uring_sqe* NextEntry() override;
  int Enter(absl::Duration timeout) override;
  bool Pause(absl::Duration pause, int wake_fd) override;
  size_t Reap(std::span<RingCompletion> completions) override;
  int RegisterBuffers(std::span<const iovec> buffers) override;
  int UnregisterBuffers() override;

 private:
  explicit KernelRing(const io_uring& ring) : ring_(ring) {}
  int Enable();

  io_uring ring_;
  bool enabled_ = false;
  ProcessIdentity process_;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_SYSTEM_KERNEL_RING_H_
