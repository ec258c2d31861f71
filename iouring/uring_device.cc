// SPDX-License-Identifier: Apache-2.0
#include "iouring/uring_device.h"

#include <fcntl.h>

#include <cerrno>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/errno_status.h"
#include "iouring/request_check.h"
#include "iouring/unique_fd.h"

namespace slotwise {
namespace {

constexpr int kQueueDepthMax = 4096;
constexpr uint64_t kRegisteredBytesMax = uint64_t{1} << 30;  // of one registered buffer: the kernel's limit
constexpr int kFixedFile = 0;                                // the device's place among the registered files
constexpr unsigned kBestFlags = IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;

const char* Advice(int error) {
  switch (error) {
    case ENOMEM:
      return " (raise RLIMIT_MEMLOCK, `ulimit -l`)";
    case EPERM:
      return " (see sysctl kernel.io_uring_disabled and seccomp)";
    default:
      return "";
  }
}

absl::Status InitializeRing(unsigned entries, unsigned flags, io_uring* ring) {
  io_uring_params params = {};
  params.flags = flags;
  const int result = io_uring_queue_init_params(entries, ring, &params);
  return result == 0 ? absl::OkStatus() : ErrnoStatus(-result, absl::StrCat("cannot set up io_uring", Advice(-result)));
}

__kernel_timespec ToKernel(absl::Duration timeout) {
  const timespec time = absl::ToTimespec(timeout);
  return {.tv_sec = time.tv_sec, .tv_nsec = time.tv_nsec};
}

uint8_t Opcode(bool reads, bool single, bool registered) {
  if (registered) return reads ? IORING_OP_READ_FIXED : IORING_OP_WRITE_FIXED;
  if (single) return reads ? IORING_OP_READ : IORING_OP_WRITE;
  return reads ? IORING_OP_READV : IORING_OP_WRITEV;
}

}  // namespace

absl::Status UringDevice::Available() {
  io_uring ring;
  if (absl::Status status = InitializeRing(1, 0, &ring); !status.ok()) return status;
  const bool has_timeouts = (ring.features & IORING_FEAT_EXT_ARG) != 0;
  io_uring_queue_exit(&ring);
  if (!has_timeouts)
    return absl::UnimplementedError("io_uring of this kernel is too old; Linux 5.11 or later is needed");
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<UringDevice>> UringDevice::Create(DeviceFile file, const UringOptions& options) {
  CHECK_GT(options.queue_depth, 0);
  CHECK_LE(options.queue_depth, kQueueDepthMax);
  CHECK_EQ(options.transfer_bytes_max % file.geometry().alignment, 0u);
  if (absl::Status available = Available(); !available.ok()) return available;
  std::unique_ptr<UringDevice> device(new UringDevice(std::move(file), options));
  if (absl::Status started = device->Start(); !started.ok()) return started;
  return device;
}

UringDevice::UringDevice(DeviceFile file, const UringOptions& options)
    : file_(std::move(file)),
      transfer_bytes_max_(options.transfer_bytes_max),
      flights_(static_cast<size_t>(options.queue_depth)),
      idle_(static_cast<size_t>(options.queue_depth)) {
  std::iota(idle_.rbegin(), idle_.rend(), 0);
}

UringDevice::~UringDevice() {
  // The kernel may still write into the buffers of what is in flight, so there is no way on without its end.
  while (in_flight() > 0) {
    const absl::Status status = Poll(absl::InfiniteDuration());
    CHECK(status.ok()) << "cannot drain " << file_.path() << ": " << status;
  }
  if (ring_exists_) io_uring_queue_exit(&ring_);
}

// The ring starts disabled, so that the thread that enables it becomes its single issuer. Its registered file is not
// the claimed one: the kernel keeps that for some time after the ring, or a killed process, has ended.
absl::Status UringDevice::Start() {
  const auto entries = static_cast<unsigned>(queue_depth());
  absl::Status status = InitializeRing(entries, kBestFlags | IORING_SETUP_R_DISABLED, &ring_);
  if (absl::IsInvalidArgument(status)) status = InitializeRing(entries, IORING_SETUP_R_DISABLED, &ring_);
  if (!status.ok()) return status;
  ring_exists_ = true;
  const absl::StatusOr<UniqueFd> unclaimed = file_.OpenUnclaimed();
  if (!unclaimed.ok()) return unclaimed.status();
  const int fd = unclaimed->get();
  const int result = io_uring_register_files(&ring_, &fd, 1);
  return result == 0 ? absl::OkStatus() : ErrnoStatus(-result, "cannot register the device with io_uring");
}

void UringDevice::Submit(IoRequest* request) {
  const uint64_t length = CheckRequest(*request, *this);
  const uint32_t slot = idle_.back();
  idle_.pop_back();
  flights_[slot].Start(request, length, alignment());
  Prepare(slot);
}

void UringDevice::Prepare(uint32_t slot) {
  io_uring_sqe* sqe = io_uring_get_sqe(&ring_);
  CHECK(sqe != nullptr) << "each request has one entry, so the queue cannot be full";
  Transfer& transfer = flights_[slot];
  transfer.Aim(transfer_bytes_max_);
  const IoRequest& request = *transfer.request();
  switch (request.op) {
    case IoRequest::Op::kRead:
    case IoRequest::Op::kWrite:
      PrepareTransfer(sqe, transfer);
      break;
    case IoRequest::Op::kFlush:
      io_uring_prep_fsync(sqe, kFixedFile, IORING_FSYNC_DATASYNC);
      break;
    case IoRequest::Op::kDiscard:
      io_uring_prep_fallocate(sqe, kFixedFile, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                              static_cast<off_t>(request.offset), static_cast<off_t>(request.length));
      break;
  }
  sqe->flags |= IOSQE_FIXED_FILE;
  io_uring_sqe_set_data64(sqe, slot);
}

void UringDevice::PrepareTransfer(io_uring_sqe* sqe, const Transfer& transfer) const {
  const std::span<const iovec> piece = transfer.piece();
  const bool single = piece.size() == 1;
  const std::optional<uint16_t> index = single ? arena_.IndexOf(piece[0]) : std::nullopt;
  const uint8_t opcode = Opcode(transfer.request()->op == IoRequest::Op::kRead, single, index.has_value());
  const void* address = single ? piece[0].iov_base : piece.data();
  const size_t length = single ? piece[0].iov_len : piece.size();
  io_uring_prep_rw(opcode, sqe, kFixedFile, address, static_cast<unsigned>(length), transfer.offset());
  if (index.has_value()) sqe->buf_index = *index;
}

absl::Status UringDevice::Poll(absl::Duration timeout) {
  if (in_flight() == 0) return absl::OkStatus();
  if (absl::Status enabled = Enable(); !enabled.ok()) return enabled;
  if (absl::Status entered = Enter(timeout); !entered.ok()) return entered;
  Reap();
  return absl::OkStatus();
}

absl::Status UringDevice::Enable() {
  if (enabled_) return absl::OkStatus();
  // io_uring_enable_rings, which the shared liburing 2.3 declares and does not export.
  const int result = io_uring_register(static_cast<unsigned>(ring_.ring_fd), IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
  if (result < 0) return ErrnoStatus(-result, "cannot enable io_uring");
  enabled_ = true;
  return absl::OkStatus();
}

absl::Status UringDevice::Enter(absl::Duration timeout) {
  int result = 0;
  if (timeout <= absl::ZeroDuration()) {
    result = io_uring_submit_and_get_events(&ring_);
  } else {
    __kernel_timespec time = ToKernel(timeout);
    io_uring_cqe* first = nullptr;
    const bool forever = timeout == absl::InfiniteDuration();
    result = io_uring_submit_and_wait_timeout(&ring_, &first, 1, forever ? nullptr : &time, nullptr);
  }
  if (result > 0 || result == -ETIME || result == -EINTR) result = 0;
  return Advance(0, result, &enter_progress_).status;
}

void UringDevice::Reap() {
  unsigned head = 0;
  unsigned reaped = 0;
  io_uring_cqe* cqe = nullptr;
  io_uring_for_each_cqe(&ring_, head, cqe) {
    Complete(static_cast<uint32_t>(cqe->user_data), cqe->res);
    ++reaped;
  }
  io_uring_cq_advance(&ring_, reaped);
}

void UringDevice::Complete(uint32_t slot, int result) {
  if (!flights_[slot].Advance(result, file_.path())) return Prepare(slot);
  IoRequest* request = flights_[slot].request();
  idle_.push_back(slot);
  flush_latch_.Settle(request);
  request->done(request);
}

absl::Status UringDevice::Register(std::span<std::byte> arena) {
  CHECK(arena_.empty()) << "one arena per device";
  const RegisteredArena registered(arena, kRegisteredBytesMax);
  const std::vector<iovec> pieces = registered.Pieces();
  const int result = io_uring_register_buffers(&ring_, pieces.data(), static_cast<unsigned>(pieces.size()));
  if (result == 0) {
    arena_ = registered;
  } else {
    LOG(WARNING) << ErrnoStatus(-result,
                                absl::StrCat("io_uring cannot register ", arena.size(), " bytes", Advice(-result)))
                        .message()
                 << "; transfers go on with unregistered buffers, slower";
  }
  return absl::OkStatus();
}

void UringDevice::Unregister(std::span<std::byte> arena) {
  if (arena_.empty()) return;
  CHECK_EQ(static_cast<void*>(arena_.memory().data()), static_cast<void*>(arena.data()));
  arena_ = {};
  const int result = io_uring_unregister_buffers(&ring_);
  LOG_IF(WARNING, result != 0) << ErrnoStatus(-result, "the arena stays pinned until its ring ends").message();
}

}  // namespace slotwise
