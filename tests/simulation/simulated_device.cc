// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulated_device.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/request_check.h"
#include "iouring/system/errno_status.h"

namespace slotwise {
namespace {

using Op = IoRequest::Op;

constexpr int kIdlePollsMax = 1000000;

absl::Status DeadError() { return absl::UnavailableError("the process is dead"); }

bool Overlap(uint64_t a, uint64_t a_length, uint64_t b, uint64_t b_length) {
  return a < b + b_length && b < a + a_length;
}

std::vector<std::byte> Gather(std::span<const iovec> buffers) {
  std::vector<std::byte> bytes;
  for (const iovec& buffer : buffers) {
    const auto* data = static_cast<const std::byte*>(buffer.iov_base);
    bytes.insert(bytes.end(), data, data + buffer.iov_len);
  }
  return bytes;
}

}  // namespace

SimulatedDevice::SimulatedDevice(SimulatedDisk* disk, SimulatedClock* clock, uint64_t seed, const Options& options)
    : disk_(disk),
      clock_(clock),
      random_(seed),
      options_(options),
      bytes_(options.bytes == 0 ? disk->size() : options.bytes),
      readable_bytes_(bytes_) {
  CHECK_EQ(options.alignment % disk->sector_bytes(), 0u);
}

SimulatedDevice::~SimulatedDevice() { CHECK_EQ(Close(), absl::OkStatus()); }

void SimulatedDevice::Submit(IoRequest* request) {
  CHECK(!closed_) << "the device is closed";
  CheckRequest(*request, *this);
  if (dead_) {
    request->status = DeadError();
    return;
  }
  waiting_.push_back(request);
  BeginWaiting();
}

void SimulatedDevice::BeginWaiting() {
  while (!dead_ && !waiting_.empty() && static_cast<int>(active_.size()) < options_.queue_depth) {
    IoRequest* request = waiting_.front();
    waiting_.pop_front();
    Begin(request);
  }
}

void SimulatedDevice::Begin(IoRequest* request) {
  const int64_t latency_max = absl::ToInt64Nanoseconds(options_.latency_max);
  Transfer transfer = {.request = request, .length = 0, .ends = {}, .order = {}, .write = {}, .flush = {}};
  if (request->op != Op::kFlush) transfer.length = CheckRequest(*request, *this);
  const bool slow =
      request->op == Op::kWrite && request->offset >= options_.slow_from && request->offset < options_.slow_to;
  transfer.ends = clock_->Now() + absl::Nanoseconds(random_.Below(latency_max + 1)) * (slow ? options_.slowness : 1);
  transfer.order = next_order_++;
  WatchOverlap(transfer);
  if (request->op == Op::kWrite) transfer.write = disk_->BeginWrite(request->offset, Gather(request->buffers));
  if (request->op == Op::kFlush) transfer.flush = disk_->BeginFlush();
  active_.push_back(transfer);
  if (request->op == Op::kWrite) Event();
}

void SimulatedDevice::WatchOverlap(const Transfer& transfer) {
  for (const Transfer& other : active_) {
    const bool writes = transfer.request->op == Op::kWrite || other.request->op == Op::kWrite;
    if (!writes || transfer.request->op == Op::kFlush || other.request->op == Op::kFlush) continue;
    if (!Overlap(transfer.request->offset, transfer.length, other.request->offset, other.length)) continue;
    misuse_ = absl::StrCat("a write met another transfer of the same bytes in flight, at byte ",
                           std::max(transfer.request->offset, other.request->offset));
  }
}

void SimulatedDevice::Die() {
  dead_ = true;
  for (const Transfer& transfer : active_) {
    if (transfer.request->op == Op::kWrite) late_writes_.push_back(transfer.write);
  }
  active_.clear();
  waiting_.clear();
  observer_ = nullptr;
}

absl::Status SimulatedDevice::Poll(absl::Duration timeout) {
  if (dead_) return DeadError();
  if (in_flight() == 0) {
    CHECK_LT(++idle_polls_, kIdlePollsMax) << "polled without end while nothing is in flight";
    return absl::OkStatus();
  }
  idle_polls_ = 0;
  const std::vector<Transfer> ended = [&] {
    const absl::Time first = std::ranges::min_element(active_, {}, &Transfer::ends)->ends;
    clock_->AdvanceTo(std::min(first, clock_->Now() + std::max(timeout, absl::Microseconds(1))));
    return TakeEnded();
  }();
  ending_ = static_cast<int>(ended.size());
  for (const Transfer& transfer : ended) End(transfer);
  if (options_.dies_after > 0 && events_ >= options_.dies_after) {
    ending_ = 0;
    Die();
    return DeadError();
  }
  for (const Transfer& transfer : ended) {
    --ending_;
    transfer.request->done(transfer.request);
  }
  BeginWaiting();
  return absl::OkStatus();
}

std::vector<SimulatedDevice::Transfer> SimulatedDevice::TakeEnded() {
  const auto first =
      std::partition(active_.begin(), active_.end(), [&](const Transfer& one) { return one.ends > clock_->Now(); });
  std::vector<Transfer> ended(first, active_.end());
  active_.erase(first, active_.end());
  std::ranges::sort(ended, [](const Transfer& a, const Transfer& b) {
    return std::pair(a.ends, a.order) < std::pair(b.ends, b.order);
  });
  return ended;
}

absl::Status SimulatedDevice::Close() {
  if (dead_) closed_ = true;
  while (!dead_ && in_flight() > 0) {
    if (absl::Status status = Poll(absl::InfiniteDuration()); !status.ok()) return status;
  }
  closed_ = true;
  return absl::OkStatus();
}

void SimulatedDevice::End(const Transfer& transfer) {
  switch (transfer.request->op) {
    case Op::kRead:
      return EndRead(transfer);
    case Op::kWrite:
      return EndWrite(transfer);
    case Op::kFlush:
      return EndFlush(transfer);
  }
}

FaultTarget SimulatedDevice::DrawFault(const Transfer& transfer, FaultMoment moment) {
  const uint64_t offset = transfer.request->offset;
  FaultTarget target{.disk = disk_,
                     .random = &random_,
                     .offset = offset,
                     .elsewhere = Elsewhere(transfer.length),
                     .read_from = offset};
  if (moment != FaultMoment::kFlush && offset + transfer.length > readable_bytes_) {
    Remember(transfer);
    target.fate = SimulatedDisk::Fate::kFailed;
    target.status = MediumError(moment == FaultMoment::kRead ? "read" : "write", offset);
    return target;
  }
  const bool spared = moment != FaultMoment::kFlush && offset < options_.faults.from;
  const Fault* fault = spared ? nullptr : options_.faults.Draw(moment, &random_);
  if (fault == nullptr) return target;
  fault->strike(&target);
  if (fault->excuse == FaultExcuse::kMarked) ++silent_faults_;
  if (fault->excuse == FaultExcuse::kRemembered) Remember(transfer);
  if (fault->excuse == FaultExcuse::kNone) ++passing_faults_;
  return target;
}

uint64_t SimulatedDevice::Elsewhere(uint64_t length) {
  const uint64_t from = options_.faults.from;
  if (from + length > bytes_) return bytes_ - length;
  return from + random_.Below((bytes_ - from - length) / options_.alignment + 1) * options_.alignment;
}

void SimulatedDevice::EndRead(const Transfer& transfer) {
  IoRequest* request = transfer.request;
  const FaultTarget target = DrawFault(transfer, FaultMoment::kRead);
  request->status = target.status;
  if (request->status.ok() && (disk_->Marks(request->offset, transfer.length) & DiskImage::kUnreadable) != 0) {
    request->status = MediumError("read", request->offset);
  }
  if (!request->status.ok()) return;
  uint64_t offset = target.read_from;
  for (const iovec& buffer : request->buffers) {
    disk_->Read(offset, {static_cast<std::byte*>(buffer.iov_base), buffer.iov_len});
    offset += buffer.iov_len;
  }
}

void SimulatedDevice::EndWrite(const Transfer& transfer) {
  const FaultTarget target = DrawFault(transfer, FaultMoment::kWrite);
  disk_->EndWrite(transfer.write, target.fate, target.elsewhere, &random_);
  transfer.request->status = target.status;
  Event();
}

void SimulatedDevice::EndFlush(const Transfer& transfer) {
  if (flush_failure_.ok()) {
    const absl::Status status = DrawFault(transfer, FaultMoment::kFlush).status;
    if (IsTransient(status)) {
      transfer.request->status = status;
      return;
    }
    flush_failure_ = status;
    if (flush_failure_.ok()) {
      disk_->EndFlush(transfer.flush);
    } else {
      disk_->FailFlush(transfer.flush, &random_);
    }
  }
  transfer.request->status = flush_failure_;
  Event();
}

void SimulatedDevice::Remember(const Transfer& transfer) {
  const bool everywhere = transfer.request->op == Op::kFlush;
  faults_.push_back({transfer.request->offset, everywhere ? bytes_ : transfer.length});
}

bool SimulatedDevice::FaultIn(uint64_t seen, uint64_t offset, uint64_t length) const {
  return std::any_of(faults_.begin() + static_cast<ptrdiff_t>(seen), faults_.end(),
                     [&](const Range& range) { return Overlap(range.offset, range.length, offset, length); });
}

void SimulatedDevice::Event() {
  ++events_;
  if (observer_) observer_();
}

}  // namespace slotwise
