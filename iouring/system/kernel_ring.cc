// SPDX-License-Identifier: Apache-2.0
#include "iouring/system/kernel_ring.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "iouring/system/backoff.h"
#include "iouring/system/errno_status.h"

namespace slotwise {
namespace {

constexpr unsigned kBestFlags = IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
// How long the kernel's thread looks for entries before it sleeps: longer than a device lets a busy ring wait, and too
// short to burn a core for an idle one.
constexpr unsigned kSqpollIdleMilliseconds = 10;
// For the lockable memory of rings that have just ended, which the kernel gives back a little later.
constexpr absl::Duration kMemoryWait = absl::Milliseconds(100);

// Moves its descriptor away from the standard streams, as AboveStandardStreams does.
int RaiseDescriptor(io_uring* ring) {
  if (ring->ring_fd > STDERR_FILENO) return 0;
  const int raised = ::fcntl(ring->ring_fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (raised < 0) return -errno;
  ::close(ring->ring_fd);
  ring->ring_fd = ring->enter_ring_fd = raised;
  return 0;
}

int Initialize(const KernelRingOptions& options, unsigned flags, io_uring* ring) {
  io_uring_params params = {};
  params.flags = flags;
  if (options.sqpoll) {
    params.flags = (params.flags & ~IORING_SETUP_DEFER_TASKRUN) | IORING_SETUP_SQPOLL;
    params.sq_thread_idle = kSqpollIdleMilliseconds;
  }
  if (options.iopoll) params.flags |= IORING_SETUP_IOPOLL;
  if (const int result = io_uring_queue_init_params(options.entries, ring, &params); result != 0) return result;
  const int raised = RaiseDescriptor(ring);
  if (raised != 0) io_uring_queue_exit(ring);
  return raised;
}

int InitializePatiently(const KernelRingOptions& options, unsigned flags, io_uring* ring) {
  int result = Initialize(options, flags, ring);
  if (result != -ENOMEM) return result;
  Backoff backoff(kMemoryWait);
  for (absl::Duration pause = backoff.Next(); pause > absl::ZeroDuration() && result == -ENOMEM;
       pause = backoff.Next()) {
    absl::SleepFor(pause);
    result = Initialize(options, flags, ring);
  }
  return result;
}

absl::Status SetUpError(int error, const KernelRingOptions& options) {
  return ErrnoStatus(error, absl::StrCat("cannot set up io_uring", options.sqpoll ? " with SQPOLL" : "",
                                         options.iopoll ? " with IOPOLL" : "", RingAdvice(error).data()));
}

__kernel_timespec ToKernel(absl::Duration timeout) {
  const timespec time = absl::ToTimespec(timeout);
  return {.tv_sec = time.tv_sec, .tv_nsec = time.tv_nsec};
}

// What `ring`, which has one entry, says to it.
int Answer(io_uring* ring) {
  io_uring_cqe* cqe = nullptr;
  int result = io_uring_submit(ring);
  while ((result >= 0 || result == -EINTR) && cqe == nullptr) result = io_uring_wait_cqe(ring, &cqe);
  return result < 0 ? result : cqe->res;
}

// Each system call of io_uring may be forbidden by itself. 0 if none is, else a negative errno.
int UseOnce(io_uring* ring) {
  const int no_file = -1;
  const int registered = io_uring_register_files(ring, &no_file, 1);
  if (registered < 0) return registered;
  io_uring_prep_nop(io_uring_get_sqe(ring));
  return Answer(ring);
}

}  // namespace

std::string_view RingAdvice(int error) {
  switch (error) {
    case ENOMEM:
      return " (raise RLIMIT_MEMLOCK, `ulimit -l`)";
    case EACCES:
    case EPERM:
      return " (see sysctl kernel.io_uring_disabled and seccomp)";
    case ENOSYS:
      return " (this kernel lacks it, or seccomp hides it)";
    default:
      return "";
  }
}

absl::Status KernelRing::Available() {
  const KernelRingOptions smallest{.entries = 1};
  io_uring ring;
  if (const int result = InitializePatiently(smallest, 0, &ring); result != 0) return SetUpError(-result, smallest);
  const bool has_timeouts = (ring.features & IORING_FEAT_EXT_ARG) != 0;
  const int used = UseOnce(&ring);
  io_uring_queue_exit(&ring);
  if (used < 0) return SetUpError(-used, smallest);
  if (has_timeouts) return absl::OkStatus();
  return absl::UnimplementedError("io_uring of this kernel is too old; Linux 5.11 or later is needed");
}

int KernelRing::Probe(const io_uring_sqe& entry, unsigned setup_flags) {
  io_uring ring;
  int result = Initialize({.entries = 1}, setup_flags, &ring);
  if (result != 0) return result;
  *io_uring_get_sqe(&ring) = entry;
  result = Answer(&ring);
  io_uring_queue_exit(&ring);
  return result;
}

// The ring starts disabled, so that the thread that enables it becomes its single issuer.
absl::StatusOr<std::unique_ptr<KernelRing>> KernelRing::Create(int fd, const KernelRingOptions& options) {
  io_uring ring;
  int result = InitializePatiently(options, kBestFlags | IORING_SETUP_R_DISABLED, &ring);
  if (result == -EINVAL) result = InitializePatiently(options, IORING_SETUP_R_DISABLED, &ring);
  if (result != 0) return SetUpError(-result, options);
  std::unique_ptr<KernelRing> made(new KernelRing(ring));
  result = io_uring_register_files(&made->ring_, &fd, 1);
  if (result != 0) return ErrnoStatus(-result, "cannot register the device with io_uring");
  return made;
}

// A ring that is closed ends some time later; a file that it is told to let go of is let go of at once. A fork closes
// its descriptor and unmaps its memory, and the ring lives on.
KernelRing::~KernelRing() {
  if (process_.IsCurrent()) io_uring_unregister_files(&ring_);
  io_uring_queue_exit(&ring_);
}

io_uring_sqe* KernelRing::NextEntry() { return io_uring_get_sqe(&ring_); }

int KernelRing::Enable() {
  if (enabled_) return 0;
  // io_uring_enable_rings, which the shared liburing 2.3 declares and does not export.
  const int result = io_uring_register(static_cast<unsigned>(ring_.ring_fd), IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
  enabled_ = result >= 0;
  return result;
}

int KernelRing::Enter(absl::Duration timeout) {
  if (const int result = Enable(); result < 0) return result;
  int result = 0;
  if (timeout <= absl::ZeroDuration()) {
    result = io_uring_submit_and_get_events(&ring_);
  } else {
    __kernel_timespec time = ToKernel(timeout);
    io_uring_cqe* first = nullptr;
    const bool forever = timeout == absl::InfiniteDuration();
    result = io_uring_submit_and_wait_timeout(&ring_, &first, 1, forever ? nullptr : &time, nullptr);
  }
  const bool returned_early = result == -ETIME || result == -EINTR;
  return result > 0 || returned_early ? 0 : result;
}

bool KernelRing::Pause(absl::Duration pause, int wake_fd) {
  pollfd wake{.fd = wake_fd, .events = POLLIN, .revents = 0};  // which poll ignores if it is negative
  const timespec time = absl::ToTimespec(pause);
  return ::ppoll(&wake, 1, &time, nullptr) > 0;
}

size_t KernelRing::Reap(std::span<RingCompletion> completions) {
  size_t reaped = 0;
  unsigned head = 0;
  io_uring_cqe* cqe = nullptr;
  io_uring_for_each_cqe(&ring_, head, cqe) {
    if (reaped == completions.size()) break;
    completions[reaped++] = {.user_data = cqe->user_data, .result = cqe->res};
  }
  io_uring_cq_advance(&ring_, static_cast<unsigned>(reaped));
  return reaped;
}

int KernelRing::RegisterBuffers(std::span<const iovec> buffers) {
  return io_uring_register_buffers(&ring_, buffers.data(), static_cast<unsigned>(buffers.size()));
}

int KernelRing::UnregisterBuffers() { return io_uring_unregister_buffers(&ring_); }

}  // namespace slotwise
