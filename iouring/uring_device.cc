// SPDX-License-Identifier: Apache-2.0
#include "iouring/uring_device.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/blocking_transfer.h"
#include "iouring/request_check.h"
#include "iouring/ring_entry.h"
#include "iouring/ring_probe.h"
#include "iouring/system/backoff.h"
#include "iouring/system/errno_status.h"
#include "iouring/system/kernel_ring.h"
#include "slotwise/unique_fd.h"

namespace slotwise {
namespace {

constexpr uint64_t kRegisteredBytesMax = uint64_t{1} << 30;  // of one registered buffer: the kernel's limit
constexpr uint64_t kEntryBytesMax = uint64_t{1} << 30;       // of one entry, whose length has 32 bits
constexpr size_t kReapedMax = 64;                            // completions taken at a time
constexpr uint64_t kWake = ~uint64_t{0};                     // user_data of the entry that watches for a Wake
constexpr uint64_t kCancel = kWake - 1;                      // and of those that ask for another to be given up

uint64_t EntryBytesMax(const DeviceGeometry& geometry, uint64_t asked) {
  if (asked > 0) return asked;
  return geometry.transfer_bytes_max > 0 ? geometry.transfer_bytes_max : kEntryBytesMax;
}

// A ring that polls for completions can watch no other file.
bool WatchesWake(const UringOptions& options) { return options.wake_fd >= 0 && !options.iopoll; }

// Of Ring::Enter: a resource is missing for the moment.
bool IsBusy(int result) { return result < 0 && IsTransient(-result); }

}  // namespace

absl::Status UringDevice::Available() { return KernelRing::Available(); }

absl::StatusOr<std::unique_ptr<Ring>> UringDevice::MakeRing(const UringOptions& options, DeviceFile* file) {
  if (absl::Status available = Available(); !available.ok()) return available;
  if (options.iopoll) {
    if (absl::Status polled = CheckPolled(*file); !polled.ok()) return polled;
  }
  absl::StatusOr<UniqueFd> unclaimed = file->OpenUnclaimed();
  if (!unclaimed.ok()) return unclaimed.status();
  const KernelRingOptions ring_options{
      .entries = static_cast<unsigned>(options.queue_depth) + (WatchesWake(options) ? 1 : 0),
      .sqpoll = options.sqpoll,
      .iopoll = options.iopoll};
  absl::StatusOr<std::unique_ptr<KernelRing>> ring = KernelRing::Create(file->fd(), ring_options);
  if (!ring.ok()) return ring.status();
  file->LendClaim(*std::move(unclaimed));
  return *std::move(ring);
}

absl::StatusOr<std::unique_ptr<UringDevice>> UringDevice::Create(DeviceFile file, const UringOptions& options) {
  absl::StatusOr<std::unique_ptr<Ring>> ring = MakeRing(options, &file);
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
      idle_(static_cast<size_t>(options.queue_depth)),
      flush_latch_(/*page_cache=*/!file_.geometry().direct) {
  CHECK_GT(options.queue_depth, 0);
  CHECK_LE(options.queue_depth, kQueueDepthMax);
  std::iota(idle_.rbegin(), idle_.rend(), 0);
  resuming_.reserve(flights_.size());
  cancels_.reserve(flights_.size());
}

// The kernel may still write into the buffers of what is in flight, so there is no way on without its end.
UringDevice::~UringDevice() {
  const absl::Status status = Close();
  CHECK(status.ok()) << "cannot drain " << file_.path() << ": " << status;
}

absl::Status UringDevice::Close() {
  while (in_flight() > 0 && file_.CheckProcess().ok()) {
    if (absl::Status polled = Poll(absl::InfiniteDuration()); !polled.ok()) return polled;
  }
  arena_ = {};
  ring_.reset();
  file_.Close();
  return absl::OkStatus();
}

void UringDevice::Submit(IoRequest* request) {
  CHECK(ring_ != nullptr) << "the device is closed";
  QueueOf(*request).Push(request, CheckRequest(*request, *this));
}

void UringDevice::Cancel(IoRequest* request) {
  QueueOf(*request).GiveUp(request);
  cancels_due_ = true;
}

absl::Status UringDevice::Poll(absl::Duration timeout) {
  if (in_flight() == 0) return absl::OkStatus();
  if (absl::Status ours = file_.CheckProcess(); !ours.ok()) return ours;
  const bool performed = PerformBlocking();
  const bool ended = EndGivenUp() || performed;
  if (queue_.in_flight() == 0) return absl::OkStatus();
  SendCancels();
  Fill();
  ArmWake();
  return Enter(ended || in_ring() == 0 ? absl::ZeroDuration() : timeout);
}

// True if a request has ended.
bool UringDevice::PerformBlocking() {
  const int count = blocking_.in_flight();
  for (int left = count; left > 0; --left) {
    IoRequest* request = blocking_.TakeGivenUp();
    Finish(request != nullptr ? request : PerformFirst(file_, &blocking_));
  }
  return count > 0;
}

bool UringDevice::IsGivenUp(uint32_t slot) const {
  const IoRequest* request = flights_[slot].request();
  return request != nullptr && request->progress.given_up;
}

// Ends what was given up and is not in the ring. True if a request has ended.
bool UringDevice::EndGivenUp() {
  if (!cancels_due_) return false;
  cancels_due_ = false;
  bool ended = false;
  while (IoRequest* request = queue_.TakeGivenUp()) {
    Finish(request);
    ended = true;
  }
  ended = EndResuming() || ended;
  ListCancels();
  return ended;
}

// Those that wait for another entry need none.
bool UringDevice::EndResuming() {
  const auto given_up =
      std::partition(resuming_.begin(), resuming_.end(), [this](uint32_t slot) { return !IsGivenUp(slot); });
  const bool any = given_up != resuming_.end();
  for (auto slot = given_up; slot != resuming_.end(); ++slot) {
    flights_[*slot].GiveUp();
    EndFlight(*slot);
  }
  resuming_.erase(given_up, resuming_.end());
  return any;
}

void UringDevice::ListCancels() {
  cancels_.clear();
  for (uint32_t slot = 0; slot < flights_.size(); ++slot) {
    if (IsGivenUp(slot)) cancels_.push_back(slot);
  }
}

// The kernel takes entries in order, so what is asked here cannot meet a later transfer of the slot. An IOPOLL ring
// knows no such entry: its transfers end as they would.
void UringDevice::SendCancels() {
  for (; !cancels_.empty() && !iopoll_; cancels_.pop_back()) {
    const uint32_t slot = cancels_.back();
    if (!IsGivenUp(slot)) continue;
    io_uring_sqe* sqe = ring_->NextEntry();
    if (sqe == nullptr) return;
    io_uring_prep_cancel64(sqe, slot, 0);
    io_uring_sqe_set_data64(sqe, kCancel);
  }
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

// Completions that are there are taken whatever Enter says: room for them may be what the kernel lacks.
absl::Status UringDevice::Enter(absl::Duration timeout) {
  int result = ring_->Enter(timeout);
  const bool reaped = Reap() > 0;
  if (IsBusy(result) && !reaped) result = EnterAgain(timeout);
  if (result == 0 || IsBusy(result)) return absl::OkStatus();
  return ErrnoStatus(-result,
                     absl::StrCat("io_uring of ", file_.path(), " cannot be entered", RingAdvice(-result).data()));
}

// Until the kernel is no longer busy, something completes, `timeout` has passed, or a Wake.
int UringDevice::EnterAgain(absl::Duration timeout) {
  Backoff backoff(timeout);
  int result = -EAGAIN;
  for (absl::Duration pause = backoff.Next(); IsBusy(result) && pause > absl::ZeroDuration(); pause = backoff.Next()) {
    if (ring_->Pause(pause, wake_fd_)) return 0;
    result = ring_->Enter(std::max(backoff.left(), absl::ZeroDuration()));
    if (Reap() > 0) return 0;
  }
  return result;
}

// How many.
size_t UringDevice::Reap() {
  std::array<RingCompletion, kReapedMax> completions;
  size_t total = 0, reaped = 0;
  do {
    reaped = ring_->Reap(completions);
    total += reaped;
    for (size_t i = 0; i < reaped; ++i) Complete(completions[i]);
  } while (reaped == completions.size());
  return total;
}

void UringDevice::Complete(const RingCompletion& completion) {
  if (completion.user_data == kCancel) return;  // whether or not it found its entry, that one completes
  if (completion.user_data == kWake && wake_armed_) {
    wake_armed_ = false;
    return;
  }
  CHECK_LT(completion.user_data, flights_.size()) << "a completion of nothing that was submitted";
  const auto slot = static_cast<uint32_t>(completion.user_data);
  Transfer& transfer = flights_[slot];
  CHECK(transfer.request() != nullptr) << "a completion of nothing that was submitted";
  const bool ended = transfer.Advance(Result(transfer, completion.result), file_.path());
  if (IsGivenUp(slot) && (!ended || IsTransient(transfer.status()))) {
    transfer.GiveUp();
  } else if (!ended) {
    return resuming_.push_back(slot);
  }
  EndFlight(slot);
}

// The kernel flushes on a worker of the ring, and says ECANCELED if it may start none (a limit of processes).
int64_t UringDevice::Result(const Transfer& transfer, int32_t result) const {
  const IoRequest& request = *transfer.request();
  if (request.op != IoRequest::Op::kFlush || result != -ECANCELED || request.progress.given_up) return result;
  return PerformPiece(file_, transfer);
}

void UringDevice::EndFlight(uint32_t slot) {
  IoRequest* ended = queue_.End(flights_[slot]);
  flights_[slot].Forget();
  idle_.push_back(slot);
  if (ended != nullptr) Finish(ended);
}

void UringDevice::Finish(IoRequest* request) {
  flush_latch_.Settle(request);
  request->done(request);
}

absl::Status UringDevice::Register(std::span<std::byte> arena) {
  CHECK(ring_ != nullptr) << "the device is closed";
  CHECK(arena_.empty()) << "one arena per device";
  if (absl::Status ours = file_.CheckProcess(); !ours.ok()) return ours;
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
  if (!file_.CheckProcess().ok()) return;
  const int result = ring_->UnregisterBuffers();
  LOG_IF(WARNING, result != 0) << ErrnoStatus(-result, "the arena stays pinned until its ring ends").message();
}

}  // namespace slotwise
