// SPDX-License-Identifier: Apache-2.0
// How long batches take in a RawBlockStore and on the raw Device below it, by turns in
// one run, on files in $SLOTWISE_DISK or /var/tmp, with O_DIRECT. (How fast both are:
// //tools/peers:compare_peers.)
//
//   get, put / payload bytes   batches of 4 MiB that arrive at random, at 80 % of what
//                              the slower of the two sustains with 8 batches in flight
//     store_p99_ms, device_p99_ms  the 99th percentile of the time from a batch's
//                                  arrival to its answer, the median of the rounds
//     p99_ratio                    of the store's and the device's, likewise
//
// The batches of a round follow --benchmark_min_time: 400 for its default.
#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "benchmark/benchmark.h"
#include "glog/logging.h"
#include "iouring/aligned_buffer.h"
#include "iouring/create_file.h"
#include "iouring/device.h"
#include "iouring/open_device.h"
#include "slotwise/create_store.h"
#include "slotwise/raw_block_store.h"

namespace slotwise {
namespace {

constexpr size_t kBatchBytes = 4 << 20;
constexpr size_t kBatchesInFlight = 8;
constexpr uint64_t kDataBytesMax = uint64_t{1} << 30;
constexpr int kRounds = 5;
constexpr double kLoad = 0.8;
constexpr int kQueueDepth = 256;
// What is in flight is as much of so small a store as it is of none in use, and so is what must stay free for it.
constexpr Watermarks kWatermarks{.low = 0.05, .high = 0.1};

struct Load {
  bool puts = false;
  size_t payload_bytes = 0;
  size_t batches = 0;  // of a round
  size_t payloads() const { return kBatchBytes / payload_bytes; }
  // That gets read, and puts go round in.
  uint64_t data_bytes() const {
    return std::min<uint64_t>(kDataBytesMax, std::max<uint64_t>(16, batches) * kBatchBytes);
  }
  uint64_t places() const { return data_bytes() / payload_bytes; }
};

std::string FileAt(const char* name) {
  const char* folder = std::getenv("SLOTWISE_DISK");
  return absl::StrCat(folder == nullptr ? "/var/tmp" : folder, "/slotwise_benchmark_", name);
}

// Where batches are answered: the slots whose batch is, and when.
class Answers {
 public:
  void Push(size_t slot) {
    const absl::Time now = absl::Now();
    const std::lock_guard lock(mutex_);
    answered_.emplace_back(slot, now);
    changed_.notify_one();
  }
  std::vector<std::pair<size_t, absl::Time>> Take(absl::Duration timeout) {
    std::unique_lock lock(mutex_);
    if (answered_.empty()) changed_.wait_for(lock, absl::ToChronoNanoseconds(timeout));
    return std::exchange(answered_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<size_t, absl::Time>> answered_;
};

// What batches are submitted to. One thread.
class Target {
 public:
  virtual ~Target() = default;
  // Starts a batch at random places, to be answered for `slot`, whose memory it uses.
  virtual void Submit(const Load& load, size_t slot) = 0;
  // The batches answered so far, waiting for at most `timeout`, less than a second, for the first.
  virtual std::vector<std::pair<size_t, absl::Time>> Take(absl::Duration timeout) = 0;
};

std::span<std::byte> MemoryOf(std::span<std::byte> arena, const Load& load, size_t slot, size_t i) {
  return arena.subspan(slot * kBatchBytes + i * load.payload_bytes, load.payload_bytes);
}

// Written from end to end, so that the file system has nothing left to allocate.
void WriteFile(const std::string& path, uint64_t bytes) {
  std::filesystem::remove(path);
  CHECK_EQ(CreateFile(path, bytes).status(), absl::OkStatus());
  const OpenedDevice opened = OpenDevice(path, {}).value();
  AlignedBuffer zeros(kBatchBytes, 4096);
  const iovec buffers[] = {{zeros.span().data(), zeros.size()}};
  for (uint64_t offset = 0; offset < bytes; offset += kBatchBytes) {
    IoRequest write;
    write.op = IoRequest::Op::kWrite;
    write.offset = offset;
    write.buffers = buffers;
    write.done = [](IoRequest*) {};
    opened.device->Submit(&write);
    while (opened.device->in_flight() > 0) CHECK_EQ(opened.device->Poll(absl::InfiniteDuration()), absl::OkStatus());
  }
}

class DeviceTarget final : public Target {
 public:
  DeviceTarget(const Load& load, std::span<std::byte> arena) : arena_(arena), batches_(kBatchesInFlight) {
    WriteFile(FileAt("device"), load.data_bytes());
    OpenedDevice opened = OpenDevice(FileAt("device"), {.queue_depth = kQueueDepth}).value();
    if (opened.uring != nullptr) CHECK_EQ(opened.uring->Register(arena), absl::OkStatus());
    device_ = std::move(opened.device);
  }
  ~DeviceTarget() override { std::filesystem::remove(FileAt("device")); }

  void Submit(const Load& load, size_t slot) override {
    Batch& batch = batches_[slot];
    batch.requests.resize(load.payloads());
    batch.left = load.payloads();
    for (size_t i = 0; i < load.payloads(); ++i) {
      const std::span<std::byte> memory = MemoryOf(arena_, load, slot, i);
      Request& request = batch.requests[i];
      request.buffer = {memory.data(), memory.size()};
      request.op = load.puts ? IoRequest::Op::kWrite : IoRequest::Op::kRead;
      request.offset = random_() % load.places() * load.payload_bytes;
      request.buffers = {&request.buffer, 1};
      request.owner = this;
      request.slot = slot;
      request.done = Done;
      device_->Submit(&request);
    }
  }

  std::vector<std::pair<size_t, absl::Time>> Take(absl::Duration timeout) override {
    CHECK_EQ(device_->Poll(timeout), absl::OkStatus());
    if (device_->in_flight() == 0 && answered_.empty()) absl::SleepFor(timeout);
    return std::exchange(answered_, {});
  }

 private:
  struct Request : IoRequest {
    DeviceTarget* owner;
    size_t slot;
    iovec buffer;
  };
  struct Batch {
    std::vector<Request> requests;
    size_t left = 0;
  };

  static void Done(IoRequest* done) {
    CHECK_EQ(done->status, absl::OkStatus());
    auto* request = static_cast<Request*>(done);
    if (--request->owner->batches_[request->slot].left > 0) return;
    request->owner->answered_.emplace_back(request->slot, absl::Now());
  }

  const std::span<std::byte> arena_;
  std::unique_ptr<Device> device_;
  std::minstd_rand random_;
  std::vector<Batch> batches_;
  std::vector<std::pair<size_t, absl::Time>> answered_;
};

class StoreTarget final : public Target {
 public:
  explicit StoreTarget(std::span<std::byte> arena) : arena_(arena) {}
  ~StoreTarget() override { std::filesystem::remove(FileAt("store")); }

  // An empty store; for gets, one that holds all places.
  void Prepare(const Load& load) {
    store_.reset();
    WriteFile(FileAt("store"), load.data_bytes() + (load.data_bytes() >> 3) + (uint64_t{16} << 20));
    CHECK_EQ(CreateStore(FileAt("store"), {.payload_bytes = load.payload_bytes}), absl::OkStatus());
    RawBlockStoreOptions options;
    options.device.queue_depth = kQueueDepth;
    options.registered_memory = arena_;
    options.core.watermarks = kWatermarks;
    const std::string path = FileAt("store");
    store_ = RawBlockStore::Open({&path, 1}, options).value();
    next_ = 0;
    while (!load.puts && next_ < load.places()) {
      Put(load, 0);
      while (Take(absl::Milliseconds(1)).empty()) {
      }
    }
  }

  void Submit(const Load& load, size_t slot) override { load.puts ? Put(load, slot) : Get(load, slot); }

  std::vector<std::pair<size_t, absl::Time>> Take(absl::Duration timeout) override { return answers_.Take(timeout); }

 private:
  void Put(const Load& load, size_t slot) {
    std::vector<std::string> keys;
    std::vector<RawBlockStore::PutRequest> requests;
    for (size_t i = 0; i < load.payloads(); ++i) keys.push_back(absl::StrCat("model@0@0@chunk", next_++));
    for (size_t i = 0; i < keys.size(); ++i) requests.push_back({keys[i], MemoryOf(arena_, load, slot, i)});
    store_->PutMany(requests, {}, [this, slot](const auto& outcomes) {
      for (const auto& outcome : outcomes) CHECK_EQ(outcome.status(), absl::OkStatus());
      answers_.Push(slot);
    });
  }

  void Get(const Load& load, size_t slot) {
    std::vector<std::string> keys;
    std::vector<RawBlockStore::GetRequest> requests;
    for (size_t i = 0; i < load.payloads(); ++i) keys.push_back(absl::StrCat("model@0@0@chunk", random_() % next_));
    for (size_t i = 0; i < keys.size(); ++i) requests.push_back({keys[i], MemoryOf(arena_, load, slot, i)});
    store_->GetMany(requests, [this, slot](const auto& lengths) {
      for (const auto& length : lengths) CHECK_EQ(length.status(), absl::OkStatus());
      answers_.Push(slot);
    });
  }

  const std::span<std::byte> arena_;
  std::unique_ptr<RawBlockStore> store_;
  std::minstd_rand random_;
  uint64_t next_ = 0;
  Answers answers_;
};

struct Round {
  double batches_per_second = 0;
  absl::Duration p99;
};

// `count` batches that arrive at `rate` a second, at random; 0: as soon as there is a place.
Round Run(const Load& load, size_t count, double rate, Target* target) {
  std::minstd_rand random(7);
  std::exponential_distribution<double> gap(rate > 0 ? rate : 1);
  std::vector<size_t> idle;
  for (size_t slot = 0; slot < kBatchesInFlight; ++slot) idle.push_back(slot);
  std::vector<absl::Time> arrived(kBatchesInFlight);
  std::vector<absl::Duration> latencies;
  const absl::Time began = absl::Now();
  absl::Time next = began;
  size_t submitted = 0;
  while (latencies.size() < count) {
    while (submitted < count && !idle.empty() && next <= absl::Now()) {
      arrived[idle.back()] = rate > 0 ? next : absl::Now();
      target->Submit(load, idle.back());
      idle.pop_back();
      ++submitted;
      if (rate > 0) next += absl::Seconds(gap(random));
    }
    const bool awaits_arrival = submitted < count && !idle.empty();
    const absl::Duration wait = awaits_arrival ? next - absl::Now() : absl::Milliseconds(100);
    for (const auto& [slot, when] : target->Take(std::clamp(wait, absl::ZeroDuration(), absl::Milliseconds(100)))) {
      latencies.push_back(when - arrived[slot]);
      idle.push_back(slot);
    }
  }
  std::ranges::sort(latencies);
  return {.batches_per_second = static_cast<double>(count) / absl::ToDoubleSeconds(absl::Now() - began),
          .p99 = latencies[(count - 1) * 99 / 100]};
}

double Median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void BatchLatency(benchmark::State& state, const Load& load) {
  AlignedBuffer arena(kBatchesInFlight * kBatchBytes, 4096);
  DeviceTarget device(load, arena.span());
  StoreTarget store(arena.span());
  store.Prepare(load);
  for (auto _ : state) {
    const double peak = std::min(Run(load, load.batches / 4, 0, &device).batches_per_second,
                                 Run(load, load.batches / 4, 0, &store).batches_per_second);
    std::vector<double> device_ms;
    std::vector<double> store_ms;
    std::vector<double> ratios;
    for (int round = 0; round < kRounds; ++round) {
      device_ms.push_back(absl::ToDoubleMilliseconds(Run(load, load.batches, kLoad * peak, &device).p99));
      store_ms.push_back(absl::ToDoubleMilliseconds(Run(load, load.batches, kLoad * peak, &store).p99));
      ratios.push_back(store_ms.back() / device_ms.back());
    }
    state.counters["device_p99_ms"] = Median(device_ms);
    state.counters["store_p99_ms"] = Median(store_ms);
    state.counters["p99_ratio"] = Median(ratios);
  }
}

void RegisterAll(size_t batches) {
  for (const bool puts : {false, true}) {
    for (const size_t payload_bytes : {64 << 10, 512 << 10, 4 << 20}) {
      const Load load{.puts = puts, .payload_bytes = payload_bytes, .batches = batches};
      benchmark::RegisterBenchmark(absl::StrCat(puts ? "put/" : "get/", payload_bytes).c_str(),
                                   [=](benchmark::State& state) { BatchLatency(state, load); })
          ->Iterations(1)
          ->Unit(benchmark::kMillisecond);
    }
  }
}

// 400 for the default of 0.5 seconds.
size_t BatchesFor(int argc, char** argv) {
  constexpr std::string_view kMinTime = "--benchmark_min_time=";
  double seconds = 0.5;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with(kMinTime)) seconds = std::strtod(argv[i] + kMinTime.size(), nullptr);
  }
  return static_cast<size_t>(std::max(8.0, seconds * 800));
}

}  // namespace
}  // namespace slotwise

int main(int argc, char** argv) {
  google::InitGoogleLogging(argv[0]);
  slotwise::RegisterAll(slotwise::BatchesFor(argc, argv));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
