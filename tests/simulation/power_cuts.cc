// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/power_cuts.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "rawblock/core/raw_block_core.h"
#include "tests/simulation/recovery_oracle.h"
#include "tests/simulation/simulated_clock.h"
#include "tests/simulation/simulated_device.h"

namespace slotwise {
namespace {

constexpr int kRecoveryCutsMax = 2;  // one inside the other
constexpr uint64_t kForksInLongRun = 150;

uint64_t OnceIn(const SimulationOptions& options) {
  if (!options.forks) return 0;
  return options.operations <= kShortRun ? 1 : options.operations * 4 / kForksInLongRun;
}

}  // namespace

PowerCuts::PowerCuts(SimulatedWorld* world)
    : world_(world), random_(world->power_cuts_seed), once_in_(OnceIn(world->options)) {}

void PowerCuts::OnEvent() {
  if (random_.OneIn(once_in_)) Try(world_->disk, world_->MetadataSuspect(), 0);
}

void PowerCuts::Try(const SimulatedDisk& disk, bool suspect, int depth) {
  ++world_->counts.forks;
  world_->counts.forks_in_recovery += world_->core == nullptr || depth > 0 ? 1 : 0;
  SimulatedDisk fork = disk;
  fork.CutPower(&random_);
  const bool damaged = world_->profile.scope == FaultScope::kAnywhere && MetadataDamaged(fork, world_->profile.layout);
  Judge(&fork, suspect || damaged, depth);
}

void PowerCuts::Judge(SimulatedDisk* disk, bool suspect, int depth) {
  SimulatedClock clock;
  SimulatedDevice device(disk, &clock, random_.Next(),
                         {.alignment = world_->profile.alignment, .queue_depth = world_->profile.queue_depth});
  device.SetObserver([&] {
    if (depth < kRecoveryCutsMax && !world_->diverged() && random_.OneIn(16)) Try(*disk, suspect, depth + 1);
  });
  CoreOptions options = world_->profile.core;
  options.session = random_.Next() | 1;
  if (!world_->formatted) {
    RawBlockCore::Open(&device, &clock, options).status().IgnoreError();
    return;
  }
  LossCounts losses;
  RecoveryOracle oracle(&world_->model, world_->profile.layout, suspect, &losses);
  const absl::StatusOr<std::unique_ptr<RawBlockCore>> core = oracle.Open(&device, &clock, options);
  device.SetObserver(nullptr);
  absl::Status judged = core.status();
  if (core.ok() && *core != nullptr) judged = oracle.Judge(core->get(), device, *disk).status();
  if (!judged.ok())
    world_->Diverge(absl::StrCat("after a power cut (", depth, " in recovery): ", std::string(judged.message())));
}

}  // namespace slotwise
