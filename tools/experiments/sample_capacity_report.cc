// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/sample_capacity_report.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace slotwise {
namespace {

constexpr uint64_t kMebibyte = 1 << 20;
constexpr uint64_t kPromptTokens = 202'000'000;
constexpr int kSlices = 64;
constexpr int kSwitch = kSlices / 2;  // the slice at which the model switches

// What an engine is made out to be.
struct Character {
  const char* engine;
  double utilisation;  // mean, of the scenario that suits it least
  double internal;     // the part of the rest that lies in occupied space
  double burst;        // evicted bytes per allocated byte at worst
};

constexpr Character kCharacters[] = {
    {"ideal", 0.999, 0, 1.1},
    {"fixed", 0.41, 0.99, 1},
    {"buddy", 0.70, 0.9, 3.2},
    {"slab, 1 class, no full slots, static", 0.62, 0.8, 1},
    {"slab, 1 class, static", 0.74, 0.7, 1},
    {"slab", 0.93, 0.4, 74},
    {"extent, contiguous", 0.955, 0.02, 11},
    {"extent", 0.988, 0.05, 3.1},
};

struct Sizes {
  const char* scenario;
  double mebibytes;
  double spread;
};

constexpr Sizes kScenarios[] = {
    {"llama-3.1-8b", 32, 0},        {"qwen3-coder-480b-tp8", 7.75, 0}, {"deepseek-v4-flash", 3.2, 0},
    {"tensor_parallel_mix", 80, 0}, {"prefill_decode", 17.2, 0.9},     {"two_models", 32, 0},
    {"three_models", 32, 0},        {"cachegen", 8.2, 0.15},           {"zstd", 24.6, 0.06},
    {"model_switch", 32, 0},
};

class Sampler {
 public:
  CapacityReport Report() {
    Describe();
    report_.scenarios = Scenarios();
    AddEngines();
    AddCapacities();
    AddSweeps();
    AddPolicies();
    AddGains();
    return std::move(report_);
  }

 private:
  double Draw(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random_); }

  void Describe() {
    report_.trace = "/data/mooncake/toolagent_trace.jsonl";
    report_.trace_sha256 = "5f1b0d3c9a7e42d8b6c1f0e9d8a7b6c5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9";
    report_.requests = 23'608;
    report_.seed = 1;
    report_.commit = "71af8263f0e2";
    report_.policy = "lru";
    report_.free_low = 0.005;
    report_.free_high = 0.01;
  }

  std::vector<SizeBucket> BucketsOf(const Sizes& sizes) {
    const double centre = sizes.mebibytes * kMebibyte;
    std::vector<SizeBucket> buckets;
    for (int quarter = -16; quarter < 4; ++quarter) {
      const double bytes = centre * std::exp2(quarter / 4.0);
      const double distance = std::log2(bytes / centre) / (2 * sizes.spread + 0.02);
      const auto objects = static_cast<uint64_t>(180'000 * std::exp(-distance * distance / 2) * Draw(0.9, 1));
      if (objects > 0) buckets.push_back({static_cast<uint64_t>(bytes), objects});
    }
    return buckets;
  }

  std::vector<ScenarioSummary> Scenarios() {
    std::vector<ScenarioSummary> scenarios;
    for (const Sizes& sizes : kScenarios) {
      ScenarioSummary summary;
      summary.name = sizes.scenario;
      summary.sizes = BucketsOf(sizes);
      for (const SizeBucket& bucket : summary.sizes) {
        summary.objects += bucket.objects;
        summary.working_set_bytes += bucket.objects * bucket.bytes;
      }
      scenarios.push_back(summary);
    }
    return scenarios;
  }

  // As if half of the reuse were within a twentieth of the working set.
  static double HitRatio(double capacity) { return 0.62 * (1 - std::exp(-capacity * 6)) + 0.06 * capacity; }

  Distribution Burst(double worst) {
    return {.mean = 0.98, .p50 = Draw(0.9, 1), .p99 = 1 + 0.1 * worst, .p999 = 1 + 0.3 * worst, .max = 1 + worst};
  }

  std::vector<OccupancySlice> Slices(double utilisation, bool switches) {
    std::vector<OccupancySlice> slices;
    for (int i = 0; i < kSlices; ++i) {
      const bool after = switches && i >= kSwitch;
      const double filled = std::min(1.0, (i + 1) / 5.0);
      const double recovered = after ? std::min(1.0, 0.5 + utilisation * (i - kSwitch) / 12.0) : 1;
      const double used = utilisation * filled * recovered * Draw(0.99, 1);
      const bool refuses = after && utilisation < 0.8 && utilisation > 0.5;
      slices.push_back({.utilisation = used,
                        .internal_waste = (1 - used) / 2,
                        .external_free = (1 - used) / 2,
                        .refused = refuses ? static_cast<uint64_t>(Draw(5'000, 9'000)) : 0,
                        .evictions = 4'000});
    }
    return slices;
  }

  CapacityResult Result(const Character& character, double capacity, const std::string& scenario) {
    CapacityResult result;
    result.requests = report_.requests;
    result.utilisation_mean = character.utilisation + (1 - character.utilisation) * Draw(0, 0.8);
    result.utilisation_min = result.utilisation_mean - 0.1 * (1 - character.utilisation);
    result.external_free_mean = (1 - result.utilisation_mean) * (1 - character.internal);
    const double occupied = 1 - result.external_free_mean;
    result.internal_waste_mean = (occupied - result.utilisation_mean) / occupied;
    result.largest_free_run = result.external_free_mean / 3;
    result.extents_per_payload = Draw(1, 1.4);
    result.capacity_bytes = static_cast<uint64_t>(capacity * 4e12);
    const double hit = HitRatio(capacity * result.utilisation_mean);
    result.prompt_tokens = kPromptTokens;
    result.prompt_tokens_hit = static_cast<uint64_t>(hit * kPromptTokens);
    result.objects_wanted = result.bytes_wanted = 1'000'000;
    result.objects_hit = result.bytes_hit = static_cast<uint64_t>(hit * 1e6);
    result.allocations = 640'000;
    result.evictions = 600'000;
    result.evictions_ahead = 12'000;
    result.evictions_per_allocation = Burst(character.burst);
    result.evicted_per_allocated_byte = Burst(character.burst);
    result.reclaimed_per_allocated_byte = Burst(character.burst * 1.2);
    result.slices = Slices(result.utilisation_mean, scenario == "model_switch");
    for (const OccupancySlice& slice : result.slices) result.refused_no_room += slice.refused;
    return result;
  }

  void AddRun(Sweep sweep, const std::string& scenario, double capacity, const std::string& engine,
              const Character& character) {
    CapacityRun run;
    run.sweep = sweep;
    run.scenario = scenario;
    run.capacity_fraction = capacity;
    run.engine = engine;
    run.is_default = engine == "extent";
    run.result = Result(character, capacity, scenario);
    report_.runs.push_back(run);
  }

  void AddEngines() {
    for (const Sizes& sizes : kScenarios) {
      for (const double capacity : {0.1, 0.3}) {
        for (const Character& character : kCharacters) {
          AddRun(Sweep::kEngines, sizes.scenario, capacity, character.engine, character);
        }
      }
    }
    report_.runs[5].unsuited =
        "a segment of 16 MiB is smaller than a slot of 32 MiB, and the store has only 40 of them";
  }

  void AddCapacities() {
    for (const char* scenario : {"deepseek-v4-flash", "cachegen", "three_models", "prefill_decode"}) {
      for (const double capacity : {0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75}) {
        for (const int engine : {0, 7, 1}) {
          AddRun(Sweep::kCapacities, scenario, capacity, kCharacters[engine].engine, kCharacters[engine]);
        }
      }
    }
  }

  void AddSweep(Sweep sweep, const std::vector<std::string>& engines, const std::vector<std::string>& scenarios) {
    for (const std::string& scenario : scenarios) {
      for (const std::string& engine : engines) AddRun(sweep, scenario, 0.1, engine, kCharacters[5]);
    }
  }

  void AddSweeps() {
    std::vector<std::string> classes, shares;
    for (const char* suffix : {", no full slots, static", ", no full slots", ", static", ""}) {
      for (const int count : {1, 2, 4, 8}) {
        classes.push_back(absl::StrCat("slab, ", count, count == 1 ? " class" : " classes", suffix));
      }
    }
    for (const char* suffix : {"", ", no fallback"}) {
      for (const int share : {0, 2, 5, 10, 20, 50}) shares.push_back(absl::StrCat("slab, share ", share, " %", suffix));
    }
    AddSweep(Sweep::kClasses, classes, {"prefill_decode", "cachegen", "zstd"});
    AddSweep(Sweep::kShare, shares, {"prefill_decode", "cachegen", "three_models", "zstd"});
    AddSweep(Sweep::kReservation, {"slab, reservation 0 %", "slab, reservation 50 %", "slab, reservation 90 %"},
             {"prefill_decode", "cachegen"});
    AddSweep(Sweep::kSegments, {"slab, segment 16 MiB", "slab, segment 128 MiB", "slab, segment 1024 MiB"},
             {"tensor_parallel_mix", "cachegen"});
    report_.runs.back().unsuited = "the store has fewer segments than classes";
    AddSweep(Sweep::kScatter, {"extent, at most 1", "extent, at most 2", "extent, at most 4", "extent, at most 8"},
             {"prefill_decode", "cachegen", "model_switch"});
  }

  void AddPolicies() {
    const std::vector<std::pair<std::string, double>> policies = {
        {"lru", 1},     {"fifo", 0.9}, {"sieve", 1.03}, {"s3fifo", 1.02},
        {"gdsf", 0.97}, {"lfu", 0.8},  {"arc", 1.04},   {"belady", 1.22},
    };
    for (const char* scenario : {"cachegen", "three_models"}) {
      for (const double capacity : {0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75}) {
        for (const auto& [policy, skill] : policies) {
          const double hit = std::min(0.66, HitRatio(capacity) * skill);
          report_.policies.push_back({scenario, capacity, policy, 1'000'000, static_cast<uint64_t>(1e6 * (1 - hit))});
        }
      }
    }
  }

  void AddGains() {
    for (const auto& [scenario, gain] :
         {std::pair("cachegen", 1.63), {"deepseek-v4-flash", 1.52}, {"three_models", 1.57}}) {
      for (const double capacity : {0.1, 0.3}) {
        report_.gains.push_back({scenario, capacity, false, gain + capacity / 10});
      }
    }
    report_.gains.push_back({"cachegen", 0.1, true, 3.94});
    report_.gains.push_back({"cachegen", 0.3, true, 3.88});
  }

  std::mt19937_64 random_{7};
  CapacityReport report_;
};

}  // namespace

CapacityReport SampleCapacityReport() { return Sampler().Report(); }

}  // namespace slotwise
