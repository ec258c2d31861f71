// SPDX-License-Identifier: Apache-2.0
#include "tools/experiments/capacity_matrix.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "glog/logging.h"
#include "rawblock/eviction/eviction_policies.h"
#include "tools/base/parallel_for.h"
#include "tools/experiments/capacity_engine.h"
#include "tools/experiments/capacity_simulator.h"
#include "tools/experiments/eviction_simulator.h"
#include "tools/experiments/simulated_space.h"
#include "tools/traces/cache_request.h"

namespace slotwise {
namespace {

constexpr double kCurveFractions[] = {0.01, 0.03, 0.1, 0.3, 0.6};
constexpr size_t kSweepRequestsMax = 3000;
constexpr double kGainMax = 8;
constexpr int kGainHalvings = 14;  // of [0, kGainMax]: to 0.0005

// One simulation to run.
struct Task {
  Sweep sweep;
  size_t scenario;
  double fraction;
  CapacityEngine engine;
};

class MatrixRunner {
 public:
  MatrixRunner(const CapacityMatrix& matrix, CapacityReport* report) : matrix_(matrix), report_(report) {}

  void Run(std::span<const TraceRequest> trace, const std::function<void(uint64_t, uint64_t)>& progress);

 private:
  void MakeScenarios(std::span<const TraceRequest> trace);
  void PlanEngines();
  void PlanCurve();
  void PlanSweep(Sweep sweep, const std::vector<CapacityEngine>& engines, std::span<const std::string_view> scenarios);
  void PlanPolicies();
  void PlanGains();
  void InParallel(size_t count, const std::function<void(size_t)>& body);

  size_t CurveScenario() const;
  const Scenario& ScenarioOf(Sweep sweep, size_t scenario) const;
  absl::StatusOr<CapacityResult> Simulate(const Scenario& scenario, const CapacityEngine& engine,
                                          uint64_t capacity) const;
  void RunTask(size_t task);
  void RunPolicy(PolicyRun* run) const;
  void FindGain(CapacityGain* gain) const;
  const CapacityResult& DefaultResult(const CapacityGain& gain) const;
  size_t ScenarioNamed(std::string_view name) const;

  const CapacityMatrix& matrix_;
  CapacityReport* const report_;
  std::function<void(uint64_t, uint64_t)> progress_;
  uint64_t done_ = 0;
  uint64_t total_ = 0;
  std::vector<std::unique_ptr<Scenario>> scenarios_;
  std::vector<std::unique_ptr<Scenario>> sweep_scenarios_;
  std::vector<Task> tasks_;
};

std::vector<SizeBucket> SizesOf(const Scenario& scenario) {
  constexpr double kBucketsPerDoubling = 4;
  std::vector<uint64_t> buckets(size_t{64} * 4);
  for (const uint64_t bytes : scenario.object_bytes()) {
    ++buckets[static_cast<size_t>(std::log2(static_cast<double>(bytes)) * kBucketsPerDoubling)];
  }
  std::vector<SizeBucket> sizes;
  for (size_t i = 0; i < buckets.size(); ++i) {
    if (buckets[i] == 0) continue;
    sizes.push_back({.bytes = static_cast<uint64_t>(std::exp2(static_cast<double>(i) / kBucketsPerDoubling)),
                     .objects = buckets[i]});
  }
  return sizes;
}

uint64_t CapacityOf(const Scenario& scenario, double fraction) {
  return static_cast<uint64_t>(fraction * static_cast<double>(scenario.working_set_bytes()));
}

// Every object that every request wants, whatever is missing.
std::vector<CacheRequest> ObjectRequests(const Scenario& scenario) {
  std::vector<CacheRequest> requests;
  for (const ScenarioRequest& request : scenario.requests()) {
    for (const uint32_t number : request.chunks) {
      const ScenarioChunk& chunk = scenario.chunks()[number];
      for (uint32_t object = chunk.first_object; object < chunk.first_object + chunk.objects; ++object) {
        requests.push_back({.id = object, .size = scenario.object_bytes()[object]});
      }
    }
  }
  return requests;
}

void MatrixRunner::Run(std::span<const TraceRequest> trace, const std::function<void(uint64_t, uint64_t)>& progress) {
  progress_ = progress;
  PlanEngines();
  PlanCurve();
  PlanSweep(Sweep::kClasses, ClassEngines(), {{"prefill_decode", "cachegen", "model_switch"}});
  PlanSweep(Sweep::kShare, ShareEngines(), {{"prefill_decode", "cachegen", "zstd", "two_models"}});
  PlanSweep(Sweep::kReservation, ReservationEngines(), {{"prefill_decode", "cachegen"}});
  PlanSweep(Sweep::kSegments, SegmentEngines(), {{"prefill_decode", "three_models"}});
  PlanSweep(Sweep::kScatter, ScatterEngines(), {{"prefill_decode", "cachegen", "model_switch"}});
  PlanPolicies();
  PlanGains();
  total_ = matrix_.scenarios.size() + tasks_.size() + report_->policies.size() + report_->gains.size();
  MakeScenarios(trace);
  report_->runs.resize(tasks_.size());
  InParallel(tasks_.size(), [this](size_t i) { RunTask(i); });
  InParallel(report_->policies.size(), [this](size_t i) { RunPolicy(&report_->policies[i]); });
  InParallel(report_->gains.size(), [this](size_t i) { FindGain(&report_->gains[i]); });
}

void MatrixRunner::InParallel(size_t count, const std::function<void(size_t)>& body) {
  ParallelFor(count, static_cast<size_t>(matrix_.threads), body, [this](size_t) { progress_(++done_, total_); });
}

void MatrixRunner::MakeScenarios(std::span<const TraceRequest> trace) {
  scenarios_.resize(matrix_.scenarios.size());
  sweep_scenarios_.resize(scenarios_.size());
  report_->scenarios.resize(scenarios_.size());
  InParallel(scenarios_.size(), [&](size_t i) {
    scenarios_[i] = std::make_unique<Scenario>(matrix_.scenarios[i], trace);
    sweep_scenarios_[i] =
        std::make_unique<Scenario>(matrix_.scenarios[i], trace.first(std::min(trace.size(), kSweepRequestsMax)));
    report_->scenarios[i] = {.name = matrix_.scenarios[i].name,
                             .objects = scenarios_[i]->object_bytes().size(),
                             .working_set_bytes = scenarios_[i]->working_set_bytes(),
                             .sizes = SizesOf(*scenarios_[i])};
  });
}

void MatrixRunner::PlanEngines() {
  for (size_t scenario = 0; scenario < matrix_.scenarios.size(); ++scenario) {
    for (const double fraction : matrix_.capacity_fractions) {
      for (const CapacityEngine& engine : ComparedEngines()) {
        tasks_.push_back({Sweep::kEngines, scenario, fraction, engine});
      }
    }
  }
}

void MatrixRunner::PlanCurve() {
  for (const double fraction : kCurveFractions) {
    for (const CapacityEngine& engine : ComparedEngines()) {
      if (engine.name != "ideal" && engine.name != "fixed" && !engine.is_default) continue;
      tasks_.push_back({Sweep::kCapacities, CurveScenario(), fraction, engine});
    }
  }
}

void MatrixRunner::PlanSweep(Sweep sweep, const std::vector<CapacityEngine>& engines,
                             std::span<const std::string_view> scenarios) {
  for (const std::string_view name : scenarios) {
    const size_t scenario = ScenarioNamed(name);
    if (scenario == matrix_.scenarios.size()) continue;
    // What the others are measured by must play the same requests.
    tasks_.push_back({sweep, scenario, matrix_.capacity_fractions.front(), ComparedEngines().front()});
    for (const CapacityEngine& engine : engines) {
      tasks_.push_back({sweep, scenario, matrix_.capacity_fractions.front(), engine});
    }
  }
}

void MatrixRunner::PlanPolicies() {
  for (const std::string& policy : SimulatedPolicies()) {
    for (const double fraction : kCurveFractions) {
      PolicyRun& run = report_->policies.emplace_back();
      run.scenario = matrix_.scenarios[CurveScenario()].name;
      run.capacity_fraction = fraction;
      run.policy = policy;
    }
  }
}

void MatrixRunner::PlanGains() {
  for (const ScenarioSpec& scenario : matrix_.scenarios) {
    for (const double fraction : matrix_.capacity_fractions) {
      report_->gains.push_back({.scenario = scenario.name, .capacity_fraction = fraction});
    }
  }
}

size_t MatrixRunner::CurveScenario() const {
  const size_t cachegen = ScenarioNamed("cachegen");
  return cachegen < matrix_.scenarios.size() ? cachegen : 0;
}

size_t MatrixRunner::ScenarioNamed(std::string_view name) const {
  const auto found = std::find_if(matrix_.scenarios.begin(), matrix_.scenarios.end(),
                                  [&](const ScenarioSpec& scenario) { return scenario.name == name; });
  return static_cast<size_t>(found - matrix_.scenarios.begin());
}

const Scenario& MatrixRunner::ScenarioOf(Sweep sweep, size_t scenario) const {
  const bool whole = sweep == Sweep::kEngines || sweep == Sweep::kCapacities;
  return *(whole ? scenarios_ : sweep_scenarios_)[scenario];
}

absl::StatusOr<CapacityResult> MatrixRunner::Simulate(const Scenario& scenario, const CapacityEngine& engine,
                                                      uint64_t capacity) const {
  const absl::StatusOr<std::unique_ptr<SimulatedSpace>> space = MakeSpace(engine, scenario, capacity);
  if (!space.ok()) return space.status();
  const std::unique_ptr<EvictionPolicy> policy = MakeEvictionPolicy(matrix_.policy, (*space)->capacity());
  const bool ideal = std::holds_alternative<IdealEngine>(engine.kind);
  CapacitySimulator simulator(&scenario, space->get(), policy.get(),
                              ideal ? Watermarks{.low = 0, .high = 0} : matrix_.watermarks);
  while (!simulator.done()) simulator.Step();
  return simulator.result();
}

void MatrixRunner::RunTask(size_t task) {
  const auto& [sweep, scenario, fraction, engine] = tasks_[task];
  CapacityRun& run = report_->runs[task];
  run.sweep = sweep;
  run.scenario = matrix_.scenarios[scenario].name;
  run.capacity_fraction = fraction;
  run.engine = engine.name;
  run.is_default = engine.is_default;
  const Scenario& played = ScenarioOf(sweep, scenario);
  absl::StatusOr<CapacityResult> result = Simulate(played, engine, CapacityOf(played, fraction));
  if (result.ok()) {
    run.result = *std::move(result);
  } else {
    run.unsuited = std::string(result.status().message());
  }
}

void MatrixRunner::RunPolicy(PolicyRun* run) const {
  const size_t scenario = ScenarioNamed(run->scenario);
  const EvictionResult result =
      SimulateEviction(ObjectRequests(*scenarios_[scenario]), run->policy,
                       CapacityOf(*scenarios_[scenario], run->capacity_fraction), /*ignore_size=*/false);
  run->requests = result.requests;
  run->misses = result.misses;
}

const CapacityResult& MatrixRunner::DefaultResult(const CapacityGain& gain) const {
  const auto found = std::find_if(report_->runs.begin(), report_->runs.end(), [&](const CapacityRun& run) {
    return run.sweep == Sweep::kEngines && run.is_default && run.scenario == gain.scenario &&
           run.capacity_fraction == gain.capacity_fraction;
  });
  CHECK(found != report_->runs.end());
  return found->result;
}

// Halves an interval in which more capacity hits more.
void MatrixRunner::FindGain(CapacityGain* gain) const {
  const size_t scenario = ScenarioNamed(gain->scenario);
  gain->uncompressed_slot = scenarios_[scenario]->SizesVary();
  const CapacityEngine fixed{.name = "fixed", .kind = FixedEngine{.uncompressed = gain->uncompressed_slot}};
  const double wanted = TokenHitRatio(DefaultResult(*gain));
  double low = 0;
  double high = kGainMax;
  for (int i = 0; i < kGainHalvings; ++i) {
    const double middle = (low + high) / 2;
    const absl::StatusOr<CapacityResult> result =
        Simulate(*scenarios_[scenario], fixed, CapacityOf(*scenarios_[scenario], gain->capacity_fraction * middle));
    const bool enough = result.ok() && TokenHitRatio(*result) >= wanted;
    (enough ? high : low) = middle;
  }
  gain->gain = high;
}

}  // namespace

void RunCapacityMatrix(const CapacityMatrix& matrix, std::span<const TraceRequest> trace,
                       const std::function<void(uint64_t done, uint64_t total)>& progress, CapacityReport* report) {
  CHECK(!matrix.scenarios.empty());
  CHECK(!matrix.capacity_fractions.empty());
  MatrixRunner(matrix, report).Run(trace, progress);
}

}  // namespace slotwise
