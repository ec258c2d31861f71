// SPDX-License-Identifier: Apache-2.0
#include "iouring/uring_device.h"

#include <poll.h>

#include <array>
#include <cerrno>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/blocking_transfer.h"
#include "iouring/errno_status.h"
#include "iouring/kernel_ring.h"
#include "iouring/request_check.h"
#include "iouring/ring_entry.h"
#include "iouring/ring_probe.h"
#include "slotwise/unique_fd.h"

namespace slotwise {
namespace {

constexpr uint64_t kRegisteredBytesMax = uint64_t{1} << 30;  // of one registered buffer: the kernel's limit
constexpr uint64_t kEntryBytesMax = uint64_t{1} << 30;       // of one entry, whose length has 32 bits
constexpr size_t kReapedMax = 64;                            // completions taken at a time
constexpr uint64_t kWake = ~uint64_t{0};                     // user_data of the entry that watches for a Wake

uint64_t EntryBytesMax(const DeviceGeometry& geometry, uint64_t asked) {
  if (asked > 0) return asked;
  return geometry.transfer_bytes_max > 0 ? geometry.transfer_bytes_max : kEntryBytesMax;
}

// A ring that polls for completions can watch no other file.
bool WatchesWake(const UringOptions& options) { return options.wake_fd >= 0 && !options.iopoll; }

}  // namespace

absl::Status UringDevice::Available() { return KernelRing::Available(); }

// The ring's file is not the claimed one: the kernel keeps that for some time after the ring, or a killed process, has
// ended.
absl::StatusOr<std::unique_ptr<UringDevice>> UringDevice::Create(DeviceFile file, const UringOptions& options) {
  if (absl::Status available = Available(); !available.ok()) return available;
  if (options.iopoll) {
    if (absl::Status polled = CheckPolled(file); !polled.ok()) return polled;
  }
  const absl::StatusOr<UniqueFd> unclaimed = file.OpenUnclaimed();
  if (!unclaimed.ok()) return unclaimed.status();
  const KernelRingOptions ring_options{
      .entries = static_cast<unsigned>(options.queue_depth) + (WatchesWake(options) ? 1 : 0),
      .sqpoll = options.sqpoll,
      .iopoll = options.iopoll};
  absl::StatusOr<std::unique_ptr<KernelRing>> ring = KernelRing::Create(unclaimed->get(), ring_options);
  if (!ring.ok()) return ring.status();
  return std::make_unique<UringDevice>(std::move(file), options, *std::move(ring));
}

UringDevice::UringDevice(DeviceFile file, const UringOptions& options, std::unique_ptr<Ring> ring)
    : file_(std::move(file)),
      iopoll_(options.iopoll),
      wake_fd_(WatchesWake(options) ? options.wake_fd : -1),
      ring_(std::move(ring)),
      queue_(alignment(), EntryBytesMax(file_.geometry(), options.transfer_bytes_max)),
      blocking_(alignment(), kEntryBytesMax),
      flights_(static_cast<size_t>(options.queue_depth)),
      idle_(static_cast<size_t>(options.queue_depth)) {
  CHECK_GT(options.queue_depth, 0);
  CHECK_LE(options.queue_depth, kQueueDepthMax);
  std::iota(idle_.rbegin(), idle_.rend(), 0);
  resuming_.reserve(flights_.size());
}

// The kernel may still write into the buffers of what is in flight, so there is no way on without its end.
UringDevice::~UringDevice() {
  const absl::Status status = Close();
  CHECK(status.ok()) << "cannot drain " << file_.path() << ": " << status;
}

absl::Status UringDevice::Close() {
  while (in_flight() > 0) {
    if (absl::Status polled = Poll(absl::InfiniteDuration()); !polled.ok()) return polled;
  }
  arena_ = {};
  ring_.reset();
  file_.Close();
  return absl::OkStatus();
}

void UringDevice::Submit(IoRequest* request) {
  CHECK(ring_ != nullptr) << "the device is closed";
  RequestQueue& queue = iopoll_ && request->op == IoRequest::Op::kFlush ? blocking_ : queue_;
  queue.Push(request, CheckRequest(*request, *this));
}

absl::Status UringDevice::Poll(absl::Duration timeout) {
  PerformBlocking();
  if (queue_.in_flight() == 0) return absl::OkStatus();
  Fill();
  ArmWake();
  if (absl::Status entered = Enter(in_ring() > 0 ? timeout : absl::ZeroDuration()); !entered.ok()) return entered;
  Reap();
  return absl::OkStatus();
}

void UringDevice::PerformBlocking() {
  for (int left = blocking_.in_flight(); left > 0; --left) Finish(PerformFirst(file_, &blocking_));
}

// What finds the submission queue full goes with the next Poll. It can be full although everything has completed: a
// kernel that takes entries on a thread of its own may publish completions before it gives their places back.
void UringDevice::Fill() {
  while (!resuming_.empty() || (queue_.has_part() && !idle_.empty())) {
    io_uring_sqe* sqe = ring_->NextEntry();
    if (sqe == nullptr) return;
    const uint32_t slot = NextSlot();
    PrepareTransfer(flights_[slot], arena_, sqe);
    io_uring_sqe_set_data64(sqe, slot);
  }
}

void UringDevice::ArmWake() {
  if (wake_fd_ < 0 || wake_armed_) return;
  io_uring_sqe* sqe = ring_->NextEntry();
  if (sqe == nullptr) return;
  io_uring_prep_poll_add(sqe, wake_fd_, POLLIN);
  io_uring_sqe_set_data64(sqe, kWake);
  wake_armed_ = true;
}

uint32_t UringDevice::NextSlot() {
  const bool resumes = !resuming_.empty();
  std::vector<uint32_t>& slots = resumes ? resuming_ : idle_;
  const uint32_t slot = slots.back();
  slots.pop_back();
  if (!resumes) queue_.Start(&flights_[slot]);
  return slot;
}

absl::Status UringDevice::Enter(absl::Duration timeout) {
  absl::Status status = Advance(0, ring_->Enter(timeout), &enter_progress_).status;
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("io_uring of ", file_.path(), ": ", status.message()));
}

void UringDevice::Reap() {
  std::array<RingCompletion, kReapedMax> completions;
  size_t reaped = 0;
  do {
    reaped = ring_->Reap(completions);
    for (size_t i = 0; i < reaped; ++i) Complete(completions[i]);
  } while (reaped == completions.size());
}

void UringDevice::Complete(const RingCompletion& completion) {
  if (completion.user_data == kWake && wake_armed_) {
    wake_armed_ = false;
    return;
  }
  CHECK_LT(completion.user_data, flights_.size()) << "a completion of nothing that was submitted";
  const auto slot = static_cast<uint32_t>(completion.user_data);
  Transfer& transfer = flights_[slot];
  if (!transfer.Advance(completion.result, file_.path())) return resuming_.push_back(slot);
  idle_.push_back(slot);
  if (IoRequest* ended = queue_.End(transfer); ended != nullptr) Finish(ended);
}

void UringDevice::Finish(IoRequest* request) {
  flush_latch_.Settle(request);
  request->done(request);
}

absl::Status UringDevice::Register(std::span<std::byte> arena) {
  CHECK(ring_ != nullptr) << "the device is closed";
  CHECK(arena_.empty()) << "one arena per device";
  const RegisteredArena registered(arena, kRegisteredBytesMax);
  const int result = ring_->RegisterBuffers(registered.Pieces());
  if (result == 0) {
    arena_ = registered;
  } else {
    LOG(WARNING) << ErrnoStatus(-result, absl::StrCat("io_uring cannot register ", arena.size(), " bytes",
                                                      RingAdvice(-result).data()))
                        .message()
                 << "; transfers go on with unregistered buffers, slower";
  }
  return absl::OkStatus();
}

void UringDevice::Unregister(std::span<std::byte> arena) {
  if (arena_.empty()) return;
  CHECK_EQ(static_cast<void*>(arena_.memory().data()), static_cast<void*>(arena.data()));
  arena_ = {};
  const int result = ring_->UnregisterBuffers();
  LOG_IF(WARNING, result != 0) << ErrnoStatus(-result, "the arena stays pinned until its ring ends").message();
}

}  // namespace slotwise
