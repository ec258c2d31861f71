// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/device_load.h"

#include <sys/resource.h>
#include <sys/uio.h>

#include <deque>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "glog/logging.h"

namespace slotwise {
namespace {

absl::Duration CpuTime() {
  rusage usage;
  PCHECK(::getrusage(RUSAGE_SELF, &usage) == 0);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
uint64_t NextRandom(uint64_t* state) {
  uint64_t value = *state += 0x9e3779b97f4a7c15;
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

class LoadRun {
 public:
  LoadRun(const DeviceLoad& load, Device* device, BufferPool* pool, Clock* clock)
      : load_(load), device_(device), clock_(clock), blocks_(device->size() / load.block_bytes), random_(load.seed) {
    for (int i = 0; i < load.requests_in_flight; ++i) AddStream(pool);
  }

  absl::StatusOr<DeviceLoadResult> Run() {
    const absl::Time start = clock_->Now();
    const absl::Duration cpu_time = CpuTime();
    for (Stream& stream : streams_) Submit(&stream);
    while (device_->in_flight() > 0) {
      if (absl::Status polled = device_->Poll(absl::InfiniteDuration()); !polled.ok()) return polled;
      stopping_ = stopping_ || clock_->Now() - start >= load_.duration;
    }
    if (!status_.ok()) return status_;
    return DeviceLoadResult{.requests = requests_,
                            .bytes = requests_ * load_.block_bytes,
                            .elapsed = clock_->Now() - start,
                            .cpu_time = CpuTime() - cpu_time};
  }

 private:
  // One request after the other.
  struct Stream : IoRequest {
    LoadRun* run = nullptr;
    std::optional<Buffer> memory;
    iovec buffer = {};
  };

  void AddStream(BufferPool* pool) {
    Stream& stream = streams_.emplace_back();
    stream.run = this;
    stream.op = load_.op;
    stream.memory = pool->Acquire(load_.block_bytes);
    CHECK(stream.memory.has_value()) << "the pool has too few buffers";
    stream.buffer = {.iov_base = stream.memory->span().data(), .iov_len = load_.block_bytes};
    stream.buffers = {&stream.buffer, 1};
    stream.done = [](IoRequest* request) {
      auto* done = static_cast<Stream*>(request);
      done->run->Done(done);
    };
  }

  void Submit(Stream* stream) {
    stream->offset = NextRandom(&random_) % blocks_ * load_.block_bytes;
    device_->Submit(stream);
  }

  void Done(Stream* stream) {
    status_.Update(stream->status);
    stopping_ = stopping_ || !status_.ok();
    ++requests_;
    if (!stopping_) Submit(stream);
  }

  DeviceLoad load_;
  Device* device_;
  Clock* clock_;
  uint64_t blocks_;  // of the device
  uint64_t random_;
  uint64_t requests_ = 0;  // done
  bool stopping_ = false;
  absl::Status status_;
  std::deque<Stream> streams_;
};

}  // namespace

absl::StatusOr<DeviceLoadResult> ApplyLoad(const DeviceLoad& load, Device* device, BufferPool* pool, Clock* clock) {
  CHECK_GE(device->size(), load.block_bytes);
  return LoadRun(load, device, pool, clock).Run();
}

}  // namespace slotwise
