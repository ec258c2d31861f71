// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_STORE_SHARD_H_
#define SLOTWISE_RAWBLOCK_STORE_SHARD_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "iouring/device.h"
#include "iouring/system/process_identity.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/store/jobs.h"
#include "rawblock/store/stage_latencies.h"
#include "rawblock/store/thread.h"
#include "slotwise/store_metrics.h"
#include "slotwise/waker.h"

namespace slotwise {

struct ShardOptions {
  CoreOptions core = {};
  // See RawBlockStoreOptions.
  size_t queued_operations_max = 0;
  absl::Duration stalled_after = absl::InfiniteDuration();
};

// A RawBlockCore on a thread of its own, which alone touches the core and its device.
// Any thread may post jobs; the thread takes them, starts them, and sleeps in the
// device's Poll until something completes or new work comes.
class Shard {
 public:
  // Opens a device whose Poll ends when `wake_fd` becomes readable, or that never
  // waits long.
  using OpenDevice = absl::AnyInvocable<absl::StatusOr<std::unique_ptr<Device>>(int wake_fd)>;

  // `name` is of the device, for errors and metrics. The device is opened before
  // this returns, the store recovered after: see AwaitOpen. The error of `open`, or
  // kResourceExhausted: no thread or file descriptor is left.
  static absl::StatusOr<std::unique_ptr<Shard>> Create(std::string name, OpenDevice open, const ShardOptions& options);

  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;
  // Closes it unless it is closed.
  ~Shard();

  // Returns the status of RawBlockCore::Open. Blocks until that has ended. Call it once; use the rest only if it is OK.
  absl::Status AwaitOpen();

  // Queues `jobs` of one batch. kUnavailable: too much is queued, the device is stalled or lost; kFailedPrecondition:
  // closed. Then they are unchanged.
  absl::Status Post(std::vector<Job*>* jobs);
  // As Post, but refuses only when closed.
  absl::Status PostAlways(std::vector<Job*>* jobs);

  // See RawBlockStore::Close.
  absl::Status Close();

  // Whether this process is a fork of the one that made this, so that the thread is not here and the rest as it was in
  // the middle of something. Then the calls above refuse, and in place of destroying it: Leave, and leak it.
  bool InFork() const { return !process_.IsCurrent(); }
  // Closes what this process has of the device. REQUIRES: InFork().
  void Leave() const { device_->Close().IgnoreError(); }

  const StoreHeader& header() const { return header_; }
  uint32_t alignment() const { return alignment_; }
  ShardMetrics metrics() const;

 private:
  Shard(std::string name, Waker waker, const ShardOptions& options);

  // Any thread. The first two hold mutex_.
  absl::Status Accepts(size_t operations);
  void Queue(std::vector<Job*> jobs);
  bool Stalled() const;
  void MarkProgress(absl::Time now);

  // The shard's thread.
  void Run();
  bool Serving();
  void StartArrived();
  void Start(const std::vector<Job*>& jobs);
  void Advance();
  bool TrySleep();
  void Wait(absl::Duration timeout);
  void Lose(const absl::Status& status);
  void Publish();
  absl::Status CloseCore();

  const ProcessIdentity process_;
  const std::string name_;
  const ShardOptions options_;
  Waker waker_;
  SystemClock clock_;
  StageLatencies latencies_;
  std::promise<absl::Status> opened_;
  StoreHeader header_;  // and the next, written before opened_ is kept
  uint32_t alignment_ = 0;

  // Standard ones, not Abseil's: the thread sanitizer sees into these, and not into Debian's libabsl.
  mutable std::mutex mutex_;                // guards the rest of this paragraph
  std::vector<std::vector<Job*>> arrived_;  // each of one batch
  uint64_t queued_operations_ = 0;
  bool sleeping_ = false;  // a Wake is wanted when work arrives
  bool closing_ = false;
  absl::Status lost_;  // as failure_
  ShardMetrics published_;
  absl::Time volatile_since_ = absl::InfiniteFuture();  // of the core

  std::atomic<uint64_t> operations_ = 0;  // accepted and not answered
  std::atomic<int64_t> progress_ns_ = 0;  // when one was last answered, or the first accepted; of MonotonicNow

  // The thread's own, once it runs.
  uint64_t unsent_bytes_ = 0;  // of operations started since the device was last polled
  std::unique_ptr<Device> device_;
  std::unique_ptr<RawBlockCore> core_;
  Jobs jobs_{&clock_, &latencies_};
  absl::Status failure_;       // OK until the device fails as a whole
  absl::Status close_status_;  // for Close, after the thread has ended

  std::mutex closing_mutex_;
  Thread thread_;  // joined under closing_mutex_
};

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_STORE_SHARD_H_
