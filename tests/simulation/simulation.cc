// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulation.h"

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "rawblock/disk/format.h"
#include "rawblock/make/format_store.h"
#include "tests/simulation/recovery_oracle.h"
#include "tests/simulation/simulated_device.h"

namespace slotwise {
namespace {

constexpr size_t kCallsMax = 12;
constexpr int kPollsMax = 100000;

}  // namespace

Simulation::Simulation(const SimulationOptions& options)
    : world_(options),
      caller_(&world_),
      power_cuts_(&world_),
      fault_rates_(FaultRates::Of(world_.profile.scope, world_.profile.layout.data_offset)) {}

Simulation::~Simulation() {
  if (world_.device != nullptr) world_.device->SetObserver(nullptr);
  world_.core.reset();  // it borrows from the caller
}

absl::Status Simulation::Run() {
  Format();
  Reopen();
  while (!world_.diverged() && world_.counts.operations < world_.options.operations) Step();
  if (!world_.diverged()) CheckLeaks();
  if (!world_.diverged()) Leave(Exit::kClose);
  if (!world_.diverged()) Reopen();
  if (world_.core != nullptr) CountSession();
  if (world_.device != nullptr) world_.device->SetObserver(nullptr);
  world_.core.reset();
  return world_.divergence;
}

// --- Sessions -----------------------------------------------------------------

void Simulation::MakeDevice(bool faults) {
  SimulatedDevice::Options options = {.alignment = world_.profile.alignment,
                                      .queue_depth = world_.profile.queue_depth,
                                      .latency_max = world_.profile.latency_max,
                                      .slow_from = world_.profile.layout.checkpoint_offset[0],
                                      .slow_to = world_.profile.layout.data_offset,
                                      .slowness = world_.profile.checkpoint_slowness};
  if (faults) options.faults = fault_rates_;
  world_.device = std::make_unique<SimulatedDevice>(&world_.disk, &world_.clock, world_.random.Next(), options);
  world_.device->SetObserver([this] { OnEvent(); });
}

void Simulation::Format() {
  world_.formatted = false;
  world_.LandAllLate();
  MakeDevice(false);
  const absl::Status formatted = FormatStore(world_.device.get(), world_.profile.Format(&world_.random));
  if (!formatted.ok()) world_.Diverge(absl::StrCat("cannot format: ", formatted.ToString()));
  for (size_t key = 0; key < world_.model.size(); ++key) world_.model.Settle(key, StoreModel::Version{});
  world_.device.reset();
  world_.formatted = true;
  world_.metadata_suspect = false;
}

void Simulation::CountSession() {
  const Statistics statistics = world_.core->statistics();
  world_.counts.evictions += statistics.evictions;
  world_.counts.checkpoints += statistics.checkpoints;
  world_.counts.journal_laps += statistics.journal_bytes_written / world_.core->header().layout.journal_bytes;
  world_.counts.io_events += world_.device->events();
  world_.counts.faults += world_.device->faults() + world_.device->silent_faults();
  world_.counts.passing_faults += world_.device->passing_faults();
  world_.counts.read_only += world_.core->writable().ok() ? 0 : 1;
  if (world_.profile.scope == FaultScope::kNone && statistics.checksum_failures + statistics.read_errors > 0) {
    world_.Diverge("a payload was damaged without any fault");
  }
}

void Simulation::Restart() {
  ++world_.counts.restarts;
  Leave(std::array{Exit::kClose, Exit::kKill, Exit::kPowerCut, Exit::kPowerCut}[world_.random.Below(4)]);
  if (world_.diverged()) return;
  if (world_.random.OneIn(8)) TryShrunkDevice();
  if (world_.random.OneIn(12)) Format();
  Reopen();
}

void Simulation::Leave(Exit exit) {
  if (exit == Exit::kClose && world_.core->Close().ok()) {
    caller_.Observe();
    world_.model.DurableUpTo(world_.model.Now());
  } else if (exit == Exit::kClose && world_.core->writable().ok()) {
    world_.Diverge("a writable store does not close");
  }
  if (world_.diverged()) return;
  CountSession();
  if (!world_.device->misuse().empty()) world_.Diverge(world_.device->misuse());
  world_.counts.kills += exit == Exit::kKill ? 1 : 0;
  Kill();
  if (exit == Exit::kPowerCut) {
    ++world_.counts.power_cuts;
    world_.late_writes.clear();
    world_.disk.CutPower(&world_.random);
  }
  world_.device.reset();
  caller_.EndSession();
}

// Nothing is called back any more, as the process is gone; a closed store has nothing under way.
void Simulation::Kill() {
  world_.device->Die();
  world_.core.reset();
  world_.Bury(world_.device.get());
}

// The process dies while it opens the store.
void Simulation::DieOpening() {
  SimulatedDevice device(&world_.disk, &world_.clock, world_.random.Next(),
                         {.alignment = world_.profile.alignment,
                          .queue_depth = world_.profile.queue_depth,
                          .latency_max = world_.profile.latency_max,
                          .dies_after = world_.random.Between(1, 12)});
  CoreOptions options = world_.profile.core;
  options.session = world_.random.Next() | 1;
  auto core = RawBlockCore::Open(&device, &world_.clock, options);
  ++world_.counts.kills;
  device.Die();
  core = absl::CancelledError("");
  world_.Bury(&device);
}

void Simulation::TryShrunkDevice() {
  const Layout& layout = world_.profile.layout;
  const uint64_t bytes = world_.random.Between(1, layout.device_bytes / layout.block_bytes - 1) * layout.block_bytes;
  SimulatedDevice device(&world_.disk, &world_.clock, world_.random.Next(),
                         {.alignment = world_.profile.alignment, .bytes = bytes});
  const absl::Status opened = RawBlockCore::Open(&device, &world_.clock, world_.profile.core).status();
  const bool readable =
      bytes >= format::kSuperblockRegion && !MetadataDamaged(world_.disk, layout) && !world_.metadata_suspect;
  if (opened.ok() || (readable && !absl::IsFailedPrecondition(opened))) {
    world_.Diverge(absl::StrCat("on a device that shrank: ", opened.ToString()));
  }
  if (device.events() > 0) world_.Diverge("a device that shrank was written");
}

void Simulation::Reopen() {
  if (world_.formatted && world_.random.OneIn(6)) DieOpening();
  while (!world_.diverged() && !OpenAndSettle()) {
    world_.disk.Repair();
    Format();
  }
}

// False if the store is lost for a reason that excuses it.
bool Simulation::OpenAndSettle() {
  world_.metadata_suspect = world_.MetadataSuspect();
  superblock_rotted_ = false;
  caller_.BeginSession();
  MakeDevice(world_.formatted);
  RecoveryOracle oracle(&world_.model, world_.profile.layout, world_.metadata_suspect, &world_.counts.losses);
  CoreOptions core_options = world_.profile.core;
  core_options.session = world_.random.Next() | 1;
  absl::StatusOr<std::unique_ptr<RawBlockCore>> core = oracle.Open(world_.device.get(), &world_.clock, core_options);
  world_.metadata_suspect = oracle.metadata_suspect();
  world_.device->SetObserver(nullptr);
  if (!core.ok()) world_.Diverge(std::string(core.status().message()));
  if (!core.ok() || *core == nullptr) return false;
  const absl::StatusOr<std::vector<StoreModel::Version>> found = oracle.Judge(core->get(), *world_.device, world_.disk);
  if (!found.ok()) world_.Diverge(std::string(found.status().message()));
  if (!found.ok()) return false;
  absl::Status flushed = absl::UnknownError("not yet");
  (*core)->Flush([&flushed](absl::Status status) { flushed = std::move(status); });
  while (!(*core)->idle()) CHECK_EQ((*core)->Poll(absl::Milliseconds(1)), absl::OkStatus());
  if (!flushed.ok() && world_.device->faults() == 0) world_.Diverge("a flush failed without any fault");
  world_.metadata_suspect = world_.metadata_suspect || !flushed.ok();
  for (size_t key = 0; key < world_.model.size(); ++key) world_.model.Settle(key, (*found)[key]);
  world_.core = *std::move(core);
  world_.device->SetObserver([this] { OnEvent(); });
  return true;
}

// --- Steps -----------------------------------------------------------------

void Simulation::Step() {
  caller_.Operate();
  if (world_.options.operations <= kShortRun || world_.random.OneIn(5)) InjectFault();
  if (world_.random.OneIn(4)) world_.clock.AdvanceTo(world_.clock.Now() + absl::Milliseconds(world_.random.Below(10)));
  for (uint64_t polls = world_.random.Below(4); polls > 0 && !world_.diverged(); --polls) Poll(absl::ZeroDuration());
  for (int polls = 0; caller_.calls() > world_.random.Below(kCallsMax) && !world_.diverged(); ++polls) {
    if (polls == kPollsMax) world_.Diverge("calls never complete");
    Poll(absl::Milliseconds(1));
  }
  if (world_.diverged()) return;
  world_.core->CheckInvariants();
  caller_.CheckPins();
  const bool failed = !world_.core->writable().ok();
  if (world_.random.OneIn(failed ? 4 : world_.options.operations <= kShortRun ? 30 : 150)) Restart();
}

// --- Faults and power cuts ------------------------------------------------------------

uint64_t Simulation::FaultyByte() {
  const Layout& layout = world_.profile.layout;
  const bool metadata = world_.profile.scope == FaultScope::kAnywhere && world_.random.OneIn(3);
  if (metadata) return world_.random.Between(layout.journal_offset, layout.data_offset - 1);
  return world_.random.Between(layout.data_offset, layout.device_bytes - 1);
}

void Simulation::InjectFault() {
  const Fault* fault = fault_rates_.Draw(FaultMoment::kBetween, &world_.random);
  if (fault == nullptr) return;
  ++world_.counts.faults;
  FaultTarget target{.disk = &world_.disk,
                     .random = &world_.random,
                     .offset = FaultyByte(),
                     .elsewhere = 0,
                     .superblock_spared = superblock_rotted_};
  fault->strike(&target);
  superblock_rotted_ = target.superblock_spared;
}

void Simulation::OnEvent() {
  if (world_.diverged()) return;
  if (world_.random.OneIn(8)) world_.LandLate();
  if (world_.core != nullptr) caller_.Observe();
  power_cuts_.OnEvent();
}

// --- At rest --------------------------------------------------------------------------------

void Simulation::Poll(absl::Duration timeout) {
  CHECK_EQ(world_.core->Poll(timeout), absl::OkStatus());
  caller_.Observe();
  if (world_.core->idle() && world_.core->writable().ok()) world_.model.DurableUpTo(world_.model.Now());
  if (!world_.device->misuse().empty()) world_.Diverge(world_.device->misuse());
}

// At rest and without pins, no space stays reserved, and no tail shows what was there before.
void Simulation::CheckLeaks() {
  for (int polls = 0; !world_.core->idle() && !world_.diverged(); ++polls) {
    if (polls == kPollsMax) return world_.Diverge("the store never comes to rest");
    Poll(absl::Milliseconds(1));
  }
  caller_.UnpinAll();
  if (world_.diverged() || !world_.core->writable().ok()) return;
  if (absl::Status status = CheckTails(*world_.core, world_.disk); !status.ok())
    return world_.Diverge(std::string(status.message()));
  const Occupancy occupancy = world_.core->occupancy();
  if (occupancy.awaiting_free_blocks > 0) world_.Diverge("blocks stay reserved although nothing is under way");
}

}  // namespace slotwise
