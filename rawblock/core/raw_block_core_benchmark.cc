// SPDX-License-Identifier: Apache-2.0
// What the metadata costs: of 1 million entries with keys of 100 bytes and payloads
// of one block, on a device in memory, so that nothing but the metadata is measured.
//
//   recovery/checkpoint/N  from Open to the first get of a store of N entries that was
//                          closed: all of them are in a checkpoint
//   recovery/journal/N     the same of a store that was killed, with as many records
//                          in the journal as the store ever leaves there
//     s                    of the wall clock
//     cpu_s                of the processor: what others do on the machine does not count
//     metadata_mib         what was read
//   metadata_per_put/growing  batched puts until the store is full
//   metadata_per_put/full     puts into the full store, each evicting another entry
//     bytes                written to the journal and to checkpoints, per put
//     of_target            this as a part of 1.5 x (key + 64 bytes)
//   pause                  one put and one get at a time, in processor time (the device
//                          never waits); a checkpoint is always under way, or none is
//     put_us, get_us       p99.9 with checkpoints
//     put_added_us, get_added_us  what that is above the p99.9 without
//     put_us_max, get_us_max      the longest
//   memory                 of a core that holds all entries
//     bytes                per entry, beyond the bytes of its key, with everything
//                          that is allocated: index, allocator, eviction policy
//
// The number of entries follows --benchmark_min_time: a million for its default of
// 0.5 seconds, and in proportion for others.
#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "allocator/allocator_options.h"
#include "allocator/testing/process_memory.h"
#include "benchmark/benchmark.h"
#include "glog/logging.h"
#include "iouring/aligned_buffer.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/disk/layout.h"
#include "rawblock/make/format_store.h"
#include "rawblock/testing/memory_device.h"

namespace slotwise {
namespace {

constexpr uint32_t kBlockBytes = 4096;
constexpr size_t kKeyBytes = 100;
constexpr double kTargetBytesPerPut = 1.5 * (kKeyBytes + 64);
constexpr int kPutsInFlight = 32;

// Of this thread.
absl::Duration ProcessorTime() {
  timespec time;
  CHECK_EQ(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time), 0);
  return absl::DurationFromTimespec(time);
}

std::string Key(uint64_t number) { return absl::StrFormat("%0100d", number); }

// A store on a device in memory that has room for `entries` payloads of a block.
class BenchmarkStore {
 public:
  explicit BenchmarkStore(uint64_t entries) : payload_(kBlockBytes, kBlockBytes) {
    const uint64_t size = (uint64_t{4} << 30) + entries * kBlockBytes * 2;
    FormatOptions options;
    options.max_entries = entries + entries / 8 + 1024;
    options.allocator.engine = AllocatorOptions::Engine::kExtent;
    const absl::StatusOr<Layout> unlimited = PlanLayout(options, size, kBlockBytes);
    CHECK_EQ(unlimited.status(), absl::OkStatus());
    options.capacity_bytes = unlimited->data_offset + entries * kBlockBytes;
    device_ = std::make_unique<MemoryDevice>(options.capacity_bytes, unlimited->data_offset);
    CHECK_EQ(FormatStore(device_.get(), options), absl::OkStatus());
    Open();
  }

  RawBlockCore& core() { return *core_; }
  MemoryDevice& device() { return *device_; }

  void Open() {
    auto core = RawBlockCore::Open(device_.get(), &clock_, CoreOptions());
    CHECK_EQ(core.status(), absl::OkStatus());
    core_ = *std::move(core);
  }
  // As when the process is killed.
  void Kill() { core_.reset(); }
  void Close() {
    CHECK_EQ(core_->Close(), absl::OkStatus());
    core_.reset();
  }

  // Puts the keys [next_key, next_key + count), kPutsInFlight at a time.
  void PutMany(uint64_t count) {
    for (uint64_t put = 0; put < count; ++put) {
      while (in_flight_ == kPutsInFlight) Poll();
      StartPut();
    }
    while (in_flight_ > 0) Poll();
  }

  absl::Duration TimePut() {
    const absl::Duration began = ProcessorTime();
    StartPut();
    while (in_flight_ > 0) Poll();
    return ProcessorTime() - began;
  }

  absl::Duration TimeGet(uint64_t key) {
    const absl::Duration began = ProcessorTime();
    ++in_flight_;
    core_->Get(Key(key), payload_.span(), [this](const absl::StatusOr<uint64_t>& bytes) {
      CHECK_EQ(bytes.status(), absl::OkStatus());
      --in_flight_;
    });
    while (in_flight_ > 0) Poll();
    return ProcessorTime() - began;
  }

  void Flush() {
    core_->Flush([](const absl::Status& status) { CHECK_EQ(status, absl::OkStatus()); });
    while (!core_->idle()) Poll();
  }

  uint64_t MetadataBytesWritten() const {
    const Statistics statistics = core_->statistics();
    return statistics.journal_bytes_written + statistics.checkpoint_bytes_written;
  }

  uint64_t next_key() const { return next_key_; }

 private:
  void Poll() { CHECK_EQ(core_->Poll(absl::InfiniteDuration()), absl::OkStatus()); }

  void StartPut() {
    ++in_flight_;
    auto key = std::make_unique<const std::string>(Key(next_key_++));
    const std::string_view view = *key;
    core_->Put(view, payload_.span(), {}, [this, key = std::move(key)](const absl::StatusOr<PutOutcome>& outcome) {
      CHECK_EQ(outcome.status(), absl::OkStatus());
      --in_flight_;
    });
  }

  AlignedBuffer payload_;  // zeros, as the device reads
  SystemClock clock_;
  std::unique_ptr<MemoryDevice> device_;
  std::unique_ptr<RawBlockCore> core_;
  uint64_t next_key_ = 0;
  int in_flight_ = 0;
};

void TimeRecovery(benchmark::State& state, BenchmarkStore* store) {
  for (auto _ : state) {
    const uint64_t read_before = store->device().bytes_read();
    const absl::Time began = absl::Now();
    const absl::Duration processor_began = ProcessorTime();
    store->Open();
    store->TimeGet(store->next_key() - 1);
    state.counters["cpu_s"] = absl::ToDoubleSeconds(ProcessorTime() - processor_began);
    const double seconds = absl::ToDoubleSeconds(absl::Now() - began);
    state.SetIterationTime(seconds);
    state.counters["s"] = seconds;
    state.counters["entries"] = static_cast<double>(store->core().occupancy().entries);
    state.counters["metadata_mib"] = static_cast<double>((store->device().bytes_read() - read_before) >> 20);
    store->Kill();
  }
}

void RecoverCheckpoint(benchmark::State& state, uint64_t entries) {
  BenchmarkStore store(entries);
  store.PutMany(entries);
  store.Close();
  TimeRecovery(state, &store);
}

// Stops short of the next checkpoint, where the journal is the longest.
void RecoverJournal(benchmark::State& state, uint64_t entries) {
  BenchmarkStore store(entries);
  store.PutMany(entries);
  const uint64_t checkpoints = store.core().statistics().checkpoints;
  uint64_t puts_between = 0;
  while (store.core().statistics().checkpoints == checkpoints) store.PutMany(entries / 64 + 1);
  const uint64_t begun = store.next_key();
  while (store.core().statistics().checkpoints == checkpoints + 1) store.PutMany(entries / 64 + 1);
  puts_between = store.next_key() - begun;
  store.PutMany(puts_between * 15 / 16);
  store.Flush();
  store.Kill();
  state.counters["puts_in_journal"] = static_cast<double>(puts_between * 15 / 16);
  TimeRecovery(state, &store);
}

void MetadataPerPut(benchmark::State& state, uint64_t entries, bool full) {
  BenchmarkStore store(entries);
  if (full) store.PutMany(entries);
  const uint64_t before = store.MetadataBytesWritten();
  const uint64_t puts = full ? 8 * entries : entries;
  for (auto _ : state) {
    store.PutMany(puts);
    store.Flush();
  }
  const double bytes = static_cast<double>(store.MetadataBytesWritten() - before) / static_cast<double>(puts);
  state.counters["bytes"] = bytes;
  state.counters["of_target"] = bytes / kTargetBytesPerPut;
  state.counters["checkpoints"] = static_cast<double>(store.core().statistics().checkpoints);
}

struct Latencies {
  std::vector<double> put_us;
  std::vector<double> get_us;

  static double Percentile(std::vector<double>* us, double share) {
    const auto rank = us->begin() + static_cast<ptrdiff_t>(share * static_cast<double>(us->size() - 1));
    std::nth_element(us->begin(), rank, us->end());
    return *rank;
  }
};

Latencies TimeOperations(BenchmarkStore* store, uint64_t operations, bool checkpoints) {
  Latencies latencies;
  std::mt19937_64 random(1);
  bool running = false;
  for (uint64_t i = 0; i < operations; ++i) {
    if (checkpoints && !running) {
      running = true;
      store->core().Checkpoint([&running](const absl::Status& status) {
        CHECK_EQ(status, absl::OkStatus());
        running = false;
      });
    }
    latencies.put_us.push_back(absl::ToDoubleMicroseconds(store->TimePut()));
    const uint64_t key = store->next_key() - 1 - random() % (store->core().occupancy().entries / 2);
    latencies.get_us.push_back(absl::ToDoubleMicroseconds(store->TimeGet(key)));
  }
  store->Flush();
  return latencies;
}

void Pause(benchmark::State& state, uint64_t entries) {
  BenchmarkStore store(entries);
  store.PutMany(entries);
  store.Flush();
  const uint64_t operations = std::max<uint64_t>(1000, entries / 50);
  for (auto _ : state) {
    Latencies without = TimeOperations(&store, operations, /*checkpoints=*/false);
    Latencies with = TimeOperations(&store, operations, /*checkpoints=*/true);
    const double put_us = Latencies::Percentile(&with.put_us, 0.999);
    const double get_us = Latencies::Percentile(&with.get_us, 0.999);
    state.counters["put_us"] = put_us;
    state.counters["get_us"] = get_us;
    state.counters["put_added_us"] = put_us - Latencies::Percentile(&without.put_us, 0.999);
    state.counters["get_added_us"] = get_us - Latencies::Percentile(&without.get_us, 0.999);
    state.counters["put_us_max"] = Latencies::Percentile(&with.put_us, 1);
    state.counters["get_us_max"] = Latencies::Percentile(&with.get_us, 1);
    state.counters["checkpoints"] = static_cast<double>(store.core().statistics().checkpoints);
  }
}

void Memory(benchmark::State& state, uint64_t entries) {
  BenchmarkStore store(entries);
  store.PutMany(entries);
  store.Close();
  for (auto _ : state) {
    const uint64_t before = ProcessMemoryBytes();
    store.Open();
    const double bytes =
        static_cast<double>(ProcessMemoryBytes() - before) / static_cast<double>(store.core().occupancy().entries);
    state.counters["bytes"] = bytes - kKeyBytes;
  }
}

void Register(const std::string& name, auto run) {
  benchmark::RegisterBenchmark(name.c_str(), std::move(run))->Iterations(1)->Unit(benchmark::kMillisecond);
}

void RegisterRecovery(const std::string& name, void (*run)(benchmark::State&, uint64_t), uint64_t entries) {
  const std::string full_name = absl::StrFormat("recovery/%s/%d", name, entries);
  benchmark::RegisterBenchmark(full_name.c_str(), [=](benchmark::State& state) { run(state, entries); })
      ->Iterations(3)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond);
}

void RegisterAll(uint64_t entries) {
  for (const uint64_t part : {4, 2, 1}) {
    RegisterRecovery("checkpoint", &RecoverCheckpoint, entries / part);
    RegisterRecovery("journal", &RecoverJournal, entries / part);
  }
  Register("metadata_per_put/growing", [=](benchmark::State& state) { MetadataPerPut(state, entries, false); });
  Register("metadata_per_put/full", [=](benchmark::State& state) { MetadataPerPut(state, entries, true); });
  Register("pause", [=](benchmark::State& state) { Pause(state, entries); });
  Register("memory", [=](benchmark::State& state) { Memory(state, entries); });
}

// One million for the default of 0.5 seconds.
uint64_t EntriesOfArguments(int argc, char** argv) {
  constexpr std::string_view kMinTime = "--benchmark_min_time=";
  double seconds = 0.5;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with(kMinTime)) seconds = std::strtod(argv[i] + kMinTime.size(), nullptr);
  }
  return static_cast<uint64_t>(std::max(1024.0, seconds * 2e6));
}

}  // namespace
}  // namespace slotwise

int main(int argc, char** argv) {
  google::InitGoogleLogging(argv[0]);
  slotwise::RegisterAll(slotwise::EntriesOfArguments(argc, argv));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
