// SPDX-License-Identifier: Apache-2.0
// Every engine under every workload. A benchmark is called WORKLOAD/MODE/ENGINE, and
// one iteration of it is one payload.
//
// Modes:
//   occupied_90, occupied_97  random payloads are evicted to keep 90 % or 97 % of the
//                             space taken; refused is what finds no room then
//   full                      random payloads that help are evicted, and only when one
//                             finds no room
//   mark                      a million live placements are marked, in random order
//
// Counters, for the measured part, after the space was turned over twice:
//   ns                  one Allocate and what was freed for it: the recorded calls,
//                       replayed, less the same replay without an allocator
//   utilisation_mean    live payload bytes / capacity, over all payloads
//   utilisation_worst_phase, utilisation_min  the mean of the worst phase; the minimum
//   refused             the part of all payloads that were refused
//   extra_evictions     bytes evicted for a payload beyond its own size, per byte stored
//   extents_per_payload
//   bytes_per_extent    memory that the engine really takes (ProcessMemoryBytes) per
//                       live extent, at the end of the replay
//   mark_ms             the time to mark them all, and for the first Allocate
//
// The time that Google Benchmark itself prints is that of the replay, per payload,
// before anything is subtracted.
//
// Flags beyond those of Google Benchmark: --seed=N (default 1). The number of payloads
// follows --benchmark_min_time: a million per phase for its default of 0.5 seconds,
// and in proportion for others. The space has 64 GiB; below 0.1 seconds less, in
// proportion, so that a short run is short.
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "allocator/allocator.h"
#include "allocator/allocator_options.h"
#include "allocator/extent.h"
#include "allocator/testing/allocator_churn.h"
#include "allocator/testing/allocator_trace.h"
#include "allocator/testing/allocator_workload.h"
#include "allocator/testing/payload_sizes.h"
#include "allocator/testing/process_memory.h"
#include "benchmark/benchmark.h"
#include "glog/logging.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

struct Mode {
  std::string name;
  std::optional<double> occupancy;
};

struct Settings {
  size_t payloads_per_phase = 1'000'000;
  BlockCount capacity{uint64_t{64} << (30 - 12)};
  uint64_t seed = 1;
};

std::unique_ptr<Allocator> Create(const AllocatorWorkload& workload, Engine engine, BlockCount capacity) {
  auto allocator = CreateAllocator(workload.Options(engine, capacity), capacity);
  CHECK(allocator.ok()) << allocator.status();
  return *std::move(allocator);
}

// Takes the place of an engine to time the replay alone.
struct NoAllocator {
  std::optional<Placement> Allocate(BlockCount count) { return Placement(Extent(BlockIndex(), count)); }
  void Free(const Placement& placement) { benchmark::DoNotOptimize(placement.front()); }
};

// The processor time of this thread: what others do on the machine does not count.
double Seconds() {
  timespec time;
  CHECK_EQ(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time), 0);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

template <typename Engine>
double TimeReplay(const AllocatorTrace& trace, Engine& engine, std::vector<Placement>& cells) {
  Replay(trace.warm_up(), engine, cells);
  const double began = Seconds();
  Replay(trace.measured(), engine, cells);
  return Seconds() - began;
}

double Ratio(uint64_t part, uint64_t whole) { return static_cast<double>(part) / static_cast<double>(whole); }

void Report(benchmark::State& state, const AllocatorChurn::Result& result) {
  state.counters["utilisation_mean"] = result.utilisation_mean;
  state.counters["utilisation_worst_phase"] = result.utilisation_worst_phase;
  state.counters["utilisation_min"] = result.utilisation_min;
  state.counters["refused"] = Ratio(result.refused, result.payloads);
  state.counters["extra_evictions"] = Ratio(result.evicted_beyond.value(), result.stored_blocks.value());
  state.counters["extents_per_payload"] = Ratio(result.extents, result.stored);
}

void RunChurn(benchmark::State& state, const AllocatorWorkload& workload, const Mode& mode, Engine engine,
              const Settings& settings) {
  const std::unique_ptr<Allocator> recorded = Create(workload, engine, settings.capacity);
  AllocatorChurn churn(*recorded, settings.seed, mode.occupancy);
  Report(state, churn.Run(workload, settings.payloads_per_phase));

  std::vector<Placement> cells(churn.trace().cells());
  NoAllocator none;
  const double driver_seconds = TimeReplay(churn.trace(), none, cells);
  const uint64_t memory_before = ProcessMemoryBytes();
  const std::unique_ptr<Allocator> allocator = Create(workload, engine, settings.capacity);
  double seconds = 0;
  while (state.KeepRunningBatch(state.max_iterations)) {
    seconds = TimeReplay(churn.trace(), *allocator, cells);
    state.SetIterationTime(seconds);
  }
  state.counters["ns"] = (seconds - driver_seconds) * 1e9 / static_cast<double>(state.max_iterations);
  state.counters["bytes_per_extent"] = Ratio(ProcessMemoryBytes() - memory_before, churn.live().extents());
}

std::vector<Placement> AllocateMany(Allocator& allocator, const PayloadSizes& sizes, size_t count,
                                    std::mt19937_64& random) {
  std::vector<Placement> placements;
  while (placements.size() < count) {
    const std::optional<Placement> placement = allocator.Allocate(sizes.Draw(random));
    CHECK(placement.has_value());
    placements.push_back(*placement);
  }
  std::shuffle(placements.begin(), placements.end(), random);
  return placements;
}

void RunMark(benchmark::State& state, Engine engine, const Settings& settings) {
  const AllocatorWorkload workload{"mark", {PayloadSizes::Uniform(BlockCount(1), BlockCount(16))}, BlockCount(16)};
  std::mt19937_64 random(settings.seed);
  const std::vector<Placement> placements = AllocateMany(*Create(workload, engine, settings.capacity),
                                                         workload.phases.front(), settings.payloads_per_phase, random);
  const uint64_t memory_before = ProcessMemoryBytes();
  const std::unique_ptr<Allocator> allocator = Create(workload, engine, settings.capacity);
  double seconds = 0;
  while (state.KeepRunningBatch(state.max_iterations)) {
    const double began = Seconds();
    for (const Placement& placement : placements) CHECK(allocator->Mark(placement));
    CHECK(allocator->Allocate(BlockCount(1)).has_value());
    seconds = Seconds() - began;
    state.SetIterationTime(seconds);
  }
  state.counters["mark_ms"] = seconds * 1e3;
  state.counters["bytes_per_extent"] = Ratio(ProcessMemoryBytes() - memory_before, placements.size());
}

void Register(const std::string& name, Engine engine, size_t iterations, auto run) {
  const std::string full_name = name + "/" + std::string(EngineName(engine));
  benchmark::RegisterBenchmark(full_name.c_str(), std::move(run))
      ->Iterations(static_cast<benchmark::IterationCount>(iterations))
      ->UseManualTime();
}

void RegisterAll(const Settings& settings) {
  const std::vector<Mode> modes = {{"occupied_90", 0.90}, {"occupied_97", 0.97}, {"full", std::nullopt}};
  for (const AllocatorWorkload& workload : AllocatorWorkloads()) {
    for (const Mode& mode : modes) {
      for (Engine engine : kAllocatorEngines) {
        Register(workload.name + "/" + mode.name, engine, workload.phases.size() * settings.payloads_per_phase,
                 [=](benchmark::State& state) { RunChurn(state, workload, mode, engine, settings); });
      }
    }
  }
  for (Engine engine : kAllocatorEngines) {
    Register("mark", engine, settings.payloads_per_phase,
             [=](benchmark::State& state) { RunMark(state, engine, settings); });
  }
}

// The value of the flag --NAME=VALUE; nullptr if it is another.
const char* FlagValue(std::string_view argument, std::string_view name) {
  if (!argument.starts_with(name) || argument.size() == name.size() || argument[name.size()] != '=') return nullptr;
  return argument.data() + name.size() + 1;
}

void Shorten(double seconds, Settings& settings) {
  constexpr double kPayloadsPerSecond = 2e6;
  constexpr double kSecondsForAll = 0.1;
  settings.payloads_per_phase = static_cast<size_t>(std::max(1.0, seconds * kPayloadsPerSecond));
  const double part = std::clamp(seconds / kSecondsForAll, 0.01, 1.0);
  settings.capacity = BlockCount(static_cast<uint64_t>(part * static_cast<double>(settings.capacity.value())));
}

Settings ParseSettings(int& argc, char** argv) {
  Settings settings;
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    if (const char* seed = FlagValue(argv[i], "--seed")) {
      settings.seed = std::strtoull(seed, nullptr, 10);
      continue;
    }
    if (const char* seconds = FlagValue(argv[i], "--benchmark_min_time")) {
      Shorten(std::strtod(seconds, nullptr), settings);
    }
    argv[kept++] = argv[i];
  }
  argc = kept;
  return settings;
}

}  // namespace
}  // namespace slotwise

int main(int argc, char** argv) {
  slotwise::RegisterAll(slotwise::ParseSettings(argc, argv));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
