// SPDX-License-Identifier: Apache-2.0
#include "rawblock/store/shard.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "rawblock/store/batch.h"

namespace slotwise {
namespace {

constexpr uint64_t kUnsentBytesMax = 1 << 20;

absl::Status ClosedError() { return absl::FailedPreconditionError("the store is closed"); }

absl::Status ForkError() {
  return absl::FailedPreconditionError(
      "the store was opened by the process that this one is a fork of; open it after the fork");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Shard>> Shard::Create(std::string name, OpenDevice open, const ShardOptions& options) {
  absl::StatusOr<Waker> waker = Waker::Create();
  if (!waker.ok()) return waker.status();
  std::unique_ptr<Shard> shard(new Shard(std::move(name), *std::move(waker), options));
  absl::StatusOr<std::unique_ptr<Device>> device = open(shard->waker_.fd());
  if (!device.ok()) return device.status();
  shard->device_ = *std::move(device);
  absl::StatusOr<Thread> thread =
      Thread::Start(absl::StrCat("the thread of ", shard->name_), [raw = shard.get()] { raw->Run(); });
  if (!thread.ok()) return thread.status();
  shard->thread_ = *std::move(thread);
  return shard;
}

Shard::Shard(std::string name, Waker waker, const ShardOptions& options)
    : name_(std::move(name)), options_(options), waker_(std::move(waker)) {}

Shard::~Shard() {
  const absl::Status status = Close();
  LOG_IF(ERROR, !status.ok()) << "closing " << name_ << ": " << status;
}

absl::Status Shard::AwaitOpen() {
  absl::Status opened = opened_.get_future().get();
  if (opened.ok()) return opened;
  return absl::Status(opened.code(), absl::StrCat(name_, ": ", opened.message()));
}

// --- Any thread ------------------------------------------------------------------

absl::Status Shard::Post(std::vector<Job*>* jobs) {
  if (InFork()) return ForkError();
  const std::lock_guard lock(mutex_);
  if (absl::Status accepted = Accepts(jobs->size()); !accepted.ok()) return accepted;
  Queue(std::move(*jobs));
  return absl::OkStatus();
}

absl::Status Shard::PostAlways(std::vector<Job*>* jobs) {
  if (InFork()) return ForkError();
  const std::lock_guard lock(mutex_);
  if (closing_) return ClosedError();
  Queue(std::move(*jobs));
  return absl::OkStatus();
}

absl::Status Shard::Accepts(size_t operations) {
  if (closing_) return ClosedError();
  if (!lost_.ok()) return lost_;
  if (queued_operations_ >= options_.queued_operations_max) {
    published_.refused_queue_full += operations;
    return absl::UnavailableError(
        absl::StrCat(queued_operations_, " operations wait for ", name_, "; submit less at a time"));
  }
  if (!Stalled()) return absl::OkStatus();
  published_.refused_stalled += operations;
  return absl::UnavailableError(
      absl::StrCat(name_, " has completed nothing for ", absl::FormatDuration(options_.stalled_after)));
}

void Shard::Queue(std::vector<Job*> jobs) {
  queued_operations_ += jobs.size();
  if (operations_.fetch_add(jobs.size()) == 0) MarkProgress(MonotonicNow());
  arrived_.push_back(std::move(jobs));
  if (!sleeping_) return;
  sleeping_ = false;
  waker_.Wake();
}

bool Shard::Stalled() const {
  if (operations_ == 0) return false;
  return MonotonicNow() - absl::FromUnixNanos(progress_ns_) > options_.stalled_after;
}

void Shard::MarkProgress(absl::Time now) { progress_ns_ = absl::ToUnixNanos(now); }

absl::Status Shard::Close() {
  if (InFork()) return ForkError();
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    waker_.Wake();
  }
  const std::lock_guard lock(closing_mutex_);
  if (thread_.joinable()) thread_.Join();
  return close_status_;
}

ShardMetrics Shard::metrics() const {
  if (InFork()) return {.path = name_};
  const bool stalled = Stalled();
  LatencySnapshot latencies = latencies_.Snapshot();
  const std::lock_guard lock(mutex_);
  ShardMetrics metrics = published_;
  metrics.store = UuidString(header_.uuid);
  metrics.path = name_;
  metrics.operations = operations_;
  metrics.stalled = stalled;
  metrics.lost = !lost_.ok();
  metrics.latencies = std::move(latencies);
  metrics.oldest_volatile_seconds = std::max(
      0.0, absl::ToDoubleSeconds(volatile_since_ == absl::InfiniteFuture() ? absl::ZeroDuration()
                                                                           : MonotonicNow() - volatile_since_));
  return metrics;
}

// --- The shard's thread ------------------------------------------------------------

void Shard::Run() {
  CoreOptions options = options_.core;
  options.observer = &latencies_;
  absl::StatusOr<std::unique_ptr<RawBlockCore>> core = RawBlockCore::Open(device_.get(), &clock_, options);
  if (!core.ok()) return opened_.set_value(core.status());
  core_ = *std::move(core);
  header_ = core_->header();
  alignment_ = device_->alignment();
  Publish();
  opened_.set_value(absl::OkStatus());
  while (Serving()) {
    StartArrived();
    Advance();
    Publish();
    jobs_.Deliver();
  }
  close_status_ = CloseCore();
}

bool Shard::Serving() {
  const std::lock_guard lock(mutex_);
  return !closing_ || !arrived_.empty() || !jobs_.empty();
}

void Shard::StartArrived() {
  std::vector<std::vector<Job*>> arrived;
  {
    const std::lock_guard lock(mutex_);
    arrived.swap(arrived_);
    queued_operations_ = 0;
  }
  for (const std::vector<Job*>& jobs : arrived) Start(jobs);
}

// The device gets to work on the first payloads while the checksums of the next are made.
void Shard::Start(const std::vector<Job*>& jobs) {
  latencies_.OnStage(OperationStage::kQueue, clock_.Now() - jobs.front()->batch->called());
  for (Job* job : jobs) {
    if (!failure_.ok()) {
      jobs_.Fail(job, failure_);
      continue;
    }
    jobs_.Start(job, core_.get());
    unsent_bytes_ += job->memory.size();
    if (unsent_bytes_ >= kUnsentBytesMax) Wait(absl::ZeroDuration());
  }
}

void Shard::Advance() {
  if (!TrySleep()) return Wait(absl::ZeroDuration());
  Wait(absl::InfiniteDuration());
  const std::lock_guard lock(mutex_);
  if (!sleeping_) waker_.Clear();
  sleeping_ = false;
}

// False if there is something to do at once.
bool Shard::TrySleep() {
  if (jobs_.answered() > 0) return false;
  const std::lock_guard lock(mutex_);
  sleeping_ = arrived_.empty() && !(closing_ && jobs_.empty());
  return sleeping_;
}

void Shard::Wait(absl::Duration timeout) {
  unsent_bytes_ = 0;
  if (failure_.ok() && !core_->idle()) {
    if (absl::Status status = core_->Poll(timeout); !status.ok()) Lose(status);
  } else if (timeout > absl::ZeroDuration()) {
    waker_.Wait(timeout);
  }
}

// The queue to the device is broken: nothing that was submitted will be heard of again.
void Shard::Lose(const absl::Status& status) {
  failure_ = absl::UnavailableError(absl::StrCat(name_, " is lost: ", status.message()));
  LOG(ERROR) << failure_.message();
  core_->Abandon();
  jobs_.FailStarted(failure_);
  const std::lock_guard lock(mutex_);
  lost_ = failure_;
}

// What is answered is counted before anybody hears of it.
void Shard::Publish() {
  if (jobs_.answered() > 0) MarkProgress(clock_.Now());
  operations_ -= jobs_.answered();
  const std::lock_guard lock(mutex_);
  published_.statistics = core_->statistics();
  published_.occupancy = core_->occupancy();
  published_.read_only = !core_->writable().ok();
  volatile_since_ = core_->volatile_since();
}

// A lost device that does not close may still write where it was told to, so what it was told stays.
absl::Status Shard::CloseCore() {
  absl::Status status = failure_.ok() ? core_->Close() : failure_;
  const absl::Status closed = device_->Close();
  if (!closed.ok() && !failure_.ok()) {
    static_cast<void>(core_.release());
    static_cast<void>(device_.release());
  }
  status.Update(closed);
  return status;
}

}  // namespace slotwise
