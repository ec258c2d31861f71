// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulation.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "rawblock/disk/format.h"
#include "rawblock/make/format_store.h"

namespace slotwise {
namespace {

constexpr size_t kCallsMax = 12;
constexpr size_t kPinsMax = 3;
constexpr int kPollsMax = 100000;
constexpr int kRecoveryCutsMax = 2;  // one inside the other
constexpr uint64_t kShortRun = 100;  // operations
constexpr uint64_t kForksInLongRun = 150;
constexpr std::byte kUntouched{0xa5};

std::vector<std::string> Keys(const SimulationProfile& profile, SeededRandom* random) {
  std::vector<std::string> keys;
  const uint32_t bytes_min = profile.keys > 64 ? profile.max_key_bytes - 64 : 4;
  for (size_t i = 0; i < profile.keys; ++i) {
    std::string key = absl::StrCat(i);
    key.resize(random->Between(bytes_min, profile.max_key_bytes), 'k');
    keys.push_back(std::move(key));
  }
  return keys;
}

SimulatedDisk MakeDisk(const SimulationProfile& profile, SeededRandom* random) {
  SimulatedDisk disk(profile.disk_bytes(), profile.sector_bytes);
  if (profile.garbage) disk.FillWithGarbage(random);
  return disk;
}

// A power cut is tried after one in so many events; 0: none.
uint64_t ForkOneIn(const SimulationOptions& options) {
  if (!options.forks) return 0;
  return options.operations <= kShortRun ? 1 : options.operations * 4 / kForksInLongRun;
}

bool Overlap(const Placement& a, const Placement& b) {
  return std::ranges::any_of(a, [&](const Extent& x) {
    return std::ranges::any_of(b, [&](const Extent& y) { return x.start() < y.end() && y.start() < x.end(); });
  });
}

}  // namespace

void SimulationCounts::Add(const SimulationCounts& other) {
  operations += other.operations;
  stored += other.stored;
  refused += other.refused;
  hits += other.hits;
  misses += other.misses;
  evictions += other.evictions;
  checkpoints += other.checkpoints;
  journal_laps += other.journal_laps;
  io_events += other.io_events;
  restarts += other.restarts;
  power_cuts += other.power_cuts;
  forks += other.forks;
  forks_in_recovery += other.forks_in_recovery;
  faults += other.faults;
  read_only += other.read_only;
  losses.Add(other.losses);
}

Simulation::Simulation(const SimulationOptions& options)
    : options_(options),
      random_(options.seed),
      cuts_(random_.Next()),
      profile_(&random_),
      fault_rates_(FaultRates::Of(profile_.scope, profile_.layout.data_offset)),
      fork_one_in_(ForkOneIn(options)),
      disk_(MakeDisk(profile_, &random_)),
      model_(Keys(profile_, &random_)) {}

Simulation::~Simulation() {
  if (device_ != nullptr) device_->SetObserver(nullptr);
}

absl::Status Simulation::Run() {
  Format();
  Reopen();
  while (!diverged() && counts_.operations < options_.operations) Step();
  if (!diverged()) CheckLeaks();
  if (!diverged()) Leave(Exit::kClose);
  if (!diverged()) Reopen();
  if (core_ != nullptr) CountSession();
  if (device_ != nullptr) device_->SetObserver(nullptr);
  core_.reset();
  return divergence_;
}

// --- Sessions -----------------------------------------------------------------

void Simulation::MakeDevice(bool faults) {
  SimulatedDevice::Options options = {
      .alignment = profile_.alignment, .queue_depth = profile_.queue_depth, .latency_max = profile_.latency_max};
  if (faults) options.faults = fault_rates_;
  device_ = std::make_unique<SimulatedDevice>(&disk_, &clock_, random_.Next(), options);
  device_->SetObserver([this] { OnEvent(); });
}

void Simulation::Format() {
  formatted_ = false;
  MakeDevice(false);
  const absl::Status formatted = FormatStore(device_.get(), profile_.Format(&random_));
  if (!formatted.ok()) Diverge(absl::StrCat("cannot format: ", formatted.ToString()));
  for (size_t key = 0; key < model_.size(); ++key) model_.Settle(key, Version{});
  device_.reset();
  formatted_ = true;
  metadata_suspect_ = false;
}

void Simulation::CountSession() {
  const Statistics statistics = core_->statistics();
  counts_.evictions += statistics.evictions;
  counts_.checkpoints += statistics.checkpoints;
  counts_.journal_laps += statistics.journal_bytes_written / core_->header().layout.journal_bytes;
  counts_.io_events += device_->events();
  counts_.faults += device_->faults() + device_->silent_faults();
  counts_.read_only += core_->writable().ok() ? 0 : 1;
  if (profile_.scope == FaultScope::kNone && statistics.checksum_failures + statistics.read_errors > 0) {
    Diverge("a payload was damaged without any fault");
  }
}

void Simulation::Restart() {
  ++counts_.restarts;
  Leave(std::array{Exit::kClose, Exit::kKill, Exit::kPowerCut, Exit::kPowerCut}[random_.Below(4)]);
  if (diverged()) return;
  if (random_.OneIn(8)) TryShrunkDevice();
  if (random_.OneIn(12)) Format();
  Reopen();
}

void Simulation::Leave(Exit exit) {
  if (exit == Exit::kClose && core_->Close().ok()) {
    Observe();
    model_.DurableUpTo(model_.Now());
  } else if (exit == Exit::kClose && core_->writable().ok()) {
    Diverge("a writable store does not close");
  }
  if (diverged()) return;
  CountSession();
  SimulatedDisk left = disk_;
  if (exit == Exit::kPowerCut) {
    ++counts_.power_cuts;
    left.CutPower(&random_);
  }
  device_->SetObserver(nullptr);
  core_.reset();
  if (!device_->misuse().empty()) Diverge(device_->misuse());
  device_.reset();
  if (exit == Exit::kPowerCut) disk_ = std::move(left);
  calls_.clear();
  pins_.clear();
}

void Simulation::TryShrunkDevice() {
  const Layout& layout = profile_.layout;
  const uint64_t bytes = random_.Between(1, layout.device_bytes / layout.block_bytes - 1) * layout.block_bytes;
  SimulatedDevice device(&disk_, &clock_, random_.Next(), {.alignment = profile_.alignment, .bytes = bytes});
  const absl::Status opened = RawBlockCore::Open(&device, &clock_, profile_.core).status();
  const bool readable = bytes >= format::kSuperblockRegion && !MetadataDamaged(disk_, layout) && !metadata_suspect_;
  if (opened.ok() || (readable && !absl::IsFailedPrecondition(opened))) {
    Diverge(absl::StrCat("on a device that shrank: ", opened.ToString()));
  }
  if (device.events() > 0) Diverge("a device that shrank was written");
}

void Simulation::Reopen() {
  while (!diverged() && !OpenAndSettle()) {
    disk_.Repair();
    Format();
  }
}

// False if the store is lost for a reason that excuses it.
bool Simulation::OpenAndSettle() {
  metadata_suspect_ = MetadataSuspect();
  superblock_rotted_ = false;
  vanished_ = 0;
  MakeDevice(formatted_);
  RecoveryOracle oracle(&model_, profile_.layout, metadata_suspect_, &counts_.losses);
  absl::StatusOr<std::unique_ptr<RawBlockCore>> core = oracle.Open(device_.get(), &clock_, profile_.core);
  metadata_suspect_ = oracle.metadata_suspect();
  device_->SetObserver(nullptr);
  if (!core.ok()) Diverge(std::string(core.status().message()));
  if (!core.ok() || *core == nullptr) return false;
  const absl::StatusOr<std::vector<Version>> found = oracle.Judge(core->get(), *device_, disk_);
  if (!found.ok()) Diverge(std::string(found.status().message()));
  if (!found.ok()) return false;
  absl::Status flushed = absl::UnknownError("not yet");
  (*core)->Flush([&flushed](absl::Status status) { flushed = std::move(status); });
  while (!(*core)->idle()) CHECK_EQ((*core)->Poll(absl::Milliseconds(1)), absl::OkStatus());
  if (!flushed.ok() && device_->faults() == 0) Diverge("a flush failed without any fault");
  metadata_suspect_ = metadata_suspect_ || !flushed.ok();
  for (size_t key = 0; key < model_.size(); ++key) model_.Settle(key, (*found)[key]);
  core_ = *std::move(core);
  device_->SetObserver([this] { OnEvent(); });
  return true;
}

// --- Operations -----------------------------------------------------------------

void Simulation::Step() {
  Operate();
  if (options_.operations <= kShortRun || random_.OneIn(5)) InjectFault();
  if (random_.OneIn(4)) clock_.AdvanceTo(clock_.Now() + absl::Milliseconds(random_.Below(10)));
  for (uint64_t polls = random_.Below(4); polls > 0 && !diverged(); --polls) Poll(absl::ZeroDuration());
  for (int polls = 0; calls_.size() > random_.Below(kCallsMax) && !diverged(); ++polls) {
    if (polls == kPollsMax) Diverge("calls never complete");
    Poll(absl::Milliseconds(1));
  }
  if (diverged()) return;
  core_->CheckInvariants();
  CheckPins();
  const bool failed = !core_->writable().ok();
  if (random_.OneIn(failed ? 4 : options_.operations <= kShortRun ? 30 : 150)) Restart();
}

void Simulation::Operate() {
  ++counts_.operations;
  const uint64_t choice = random_.Below(100);
  Note(choice);
  if (choice < 40) return Put();
  if (choice < 60) return Get();
  if (choice < 64) return CheckExists();
  if (choice < 80) return Remove();
  if (choice < 86) return PinOne();
  if (choice < 92) return pins_.empty() ? PinOne() : UnpinOne(random_.Below(pins_.size()));
  if (choice < 97) return Flush();
  Checkpoint();
}

Simulation::Call* Simulation::Begin(size_t key, uint64_t bytes) {
  Call& call = calls_.emplace_back();
  call.key = key;
  call.after_flush_failure = device_->flush_failed();
  call.moment = model_.Now();
  call.faults_seen = device_->faults();
  const uint64_t skipped = random_.OneIn(2) ? 8 : 0;  // an address that the device cannot take
  call.memory = AlignedBuffer(bytes + skipped, DiskImage::kPageBytes * 4);
  std::ranges::fill(call.memory.span(), kUntouched);
  call.span = call.memory.span().subspan(skipped);
  return &call;
}

void Simulation::Forget(Call* call) {
  calls_.remove_if([call](const Call& one) { return &one == call; });
}

void Simulation::Put() {
  const size_t key = random_.Below(model_.size());
  if (model_.InFlight(key)) return Get();
  const uint64_t blocks =
      random_.OneIn(3) ? profile_.payload_blocks_max : random_.Between(1, profile_.payload_blocks_max);
  const uint64_t short_of = random_.OneIn(3) ? 0 : random_.Below(profile_.layout.block_bytes);
  const auto bytes = static_cast<uint32_t>(blocks * profile_.layout.block_bytes - short_of);
  Call* call = Begin(key, bytes);
  call->durable = random_.OneIn(3);
  call->replace = random_.OneIn(2);
  call->version = model_.Begin(key, bytes);
  const std::vector<std::byte> payload = model_.Payload(key, {.id = call->version, .bytes = bytes});
  std::ranges::copy(payload, call->span.begin());
  core_->Put(model_.key(key), call->span,
             {.durability = call->durable ? Durability::kDurable : Durability::kBatched, .replace = call->replace},
             [this, call](const absl::StatusOr<PutOutcome>& outcome) { PutDone(call, outcome); });
}

void Simulation::PutDone(Call* call, const absl::StatusOr<PutOutcome>& outcome) {
  Note(static_cast<uint64_t>(outcome.status().code()));
  if (!outcome.ok()) {
    PutFailed(*call, outcome.status());
  } else if (*outcome == PutOutcome::kStored) {
    ++counts_.stored;
    if (call->durable && call->after_flush_failure) Diverge("a put is durable after a failed flush");
    model_.Acknowledge(call->key, call->version, call->durable);
  } else {
    if (call->replace) Diverge("a replacing put was not stored");
    model_.Withdraw(call->key, call->version);
    if (call->durable) model_.DurableUpTo(call->key, call->moment);
  }
  Forget(call);
}

void Simulation::PutFailed(const Call& call, const absl::Status& status) {
  if (!core_->writable().ok()) return;  // it may have taken effect
  model_.Withdraw(call.key, call.version);
  if (absl::IsResourceExhausted(status)) {
    ++counts_.refused;
  } else if (!absl::IsDataLoss(status) || !Excused(call)) {
    Diverge(absl::StrCat("a put failed: ", status.ToString()));
  }
}

void Simulation::Get() {
  size_t key = random_.Below(model_.size());
  for (int tries = 0; tries < 3 && !core_->Exists(model_.key(key)).has_value(); ++tries) {
    key = random_.Below(model_.size());
  }
  const std::optional<uint64_t> bytes = core_->Exists(model_.key(key));
  const uint64_t block_bytes = profile_.layout.block_bytes;
  const uint64_t room = bytes.value_or(1) + (random_.OneIn(2) ? 2 * block_bytes : 0);
  Call* call = Begin(key, room);
  call->expected_bytes = bytes;
  const auto current = model_.Current(key);
  call->candidates.assign(current.begin(), current.end());
  if (profile_.scope != FaultScope::kNone) call->placement = PlacementOf(key);
  core_->Get(model_.key(key), call->span,
             [this, call](const absl::StatusOr<uint64_t>& result) { GetDone(call, result); });
}

void Simulation::GetDone(Call* call, const absl::StatusOr<uint64_t>& bytes) {
  Note(static_cast<uint64_t>(bytes.status().code()));
  if (bytes.ok()) {
    ++counts_.hits;
    JudgeGet(*call, *bytes);
  } else if (absl::IsNotFound(bytes.status())) {
    ++counts_.misses;
    if (call->expected_bytes.has_value()) Diverge("a get missed what was there");
  } else if (absl::IsDataLoss(bytes.status()) && Excused(*call)) {
    ++counts_.losses.payloads_damaged;
  } else {
    Diverge(absl::StrCat("a get failed without a reason: ", bytes.status().ToString()));
  }
  Forget(call);
}

void Simulation::JudgeGet(const Call& call, uint64_t bytes) {
  const std::span<const std::byte> payload = call.span.first(bytes);
  const auto matches = [&](const Version& version) { return model_.Matches(call.key, version, payload); };
  if (call.expected_bytes != bytes) Diverge("a get gave another length than exists");
  if (std::ranges::none_of(call.candidates, matches)) {
    Diverge(std::ranges::any_of(model_.History(call.key), matches) ? "a get gave stale bytes"
                                                                   : "a get gave wrong bytes");
  }
  const uint64_t block_bytes = profile_.layout.block_bytes;
  const auto beyond = call.span.subspan(bytes);
  const uint64_t padding = std::min<uint64_t>(beyond.size(), (block_bytes - bytes % block_bytes) % block_bytes);
  const auto all = [](std::span<const std::byte> span, std::byte value) {
    return std::ranges::all_of(span, [value](std::byte byte) { return byte == value; });
  };
  if (!all(beyond.subspan(padding), kUntouched)) Diverge("a get wrote beyond the last block");
  if (profile_.scope != FaultScope::kNone || all(beyond.first(padding), kUntouched)) return;
  if (!all(beyond.first(padding), std::byte{0})) Diverge("a get shows what lies behind the payload");
}

void Simulation::CheckExists() { ObserveKey(random_.Below(model_.size())); }

void Simulation::Remove() {
  const bool of_pinned = !pins_.empty() && random_.OneIn(4);
  const size_t key = of_pinned ? pins_[random_.Below(pins_.size())].key : random_.Below(model_.size());
  if (model_.InFlight(key)) return Get();
  Call* call = Begin(key, 1);
  call->durable = random_.OneIn(3);
  call->force = random_.OneIn(3);
  call->pinned = Pinned(key);
  call->version = model_.Begin(key, 0);
  core_->Remove(model_.key(key),
                {.durability = call->durable ? Durability::kDurable : Durability::kBatched, .force = call->force},
                [this, call](const absl::Status& status) { RemoveDone(call, status); });
}

void Simulation::RemoveDone(Call* call, const absl::Status& status) {
  Note(static_cast<uint64_t>(status.code()));
  const bool pinned = call->pinned && !call->force;
  if (status.ok()) {
    if (pinned) Diverge("a pinned entry was removed");
    if (call->durable && call->after_flush_failure) Diverge("a removal is durable after a failed flush");
    model_.Acknowledge(call->key, call->version, call->durable);
  } else if (absl::IsNotFound(status)) {
    model_.Withdraw(call->key, call->version);
    if (core_->Exists(model_.key(call->key)).has_value()) Diverge("a removal missed what was there");
  } else if (core_->writable().ok()) {
    model_.Withdraw(call->key, call->version);
    if (!absl::IsFailedPrecondition(status) || !pinned) Diverge(absl::StrCat("a removal failed: ", status.ToString()));
  }
  Forget(call);
}

// A pin does not change while a removal is under way, so that its outcome is certain.
void Simulation::PinOne() {
  const size_t key = random_.Below(model_.size());
  if (model_.InFlight(key) || pins_.size() == kPinsMax) return Get();
  const bool exists = core_->Exists(model_.key(key)).has_value();
  const std::optional<Pin> pin = core_->PinKey(model_.key(key));
  if (pin.has_value() != exists) Diverge("a pin disagrees with exists");
  if (pin.has_value())
    pins_.push_back(
        {.key = key, .pin = *pin, .version = model_.Current(key).front().id, .placement = PlacementOf(key)});
}

void Simulation::UnpinOne(size_t index) {
  if (model_.InFlight(pins_[index].key)) return Get();
  core_->Unpin(pins_[index].pin);
  pins_.erase(pins_.begin() + static_cast<ptrdiff_t>(index));
}

// Whether the version that was acknowledged last is pinned.
bool Simulation::Pinned(size_t key) const {
  const uint64_t version = model_.Current(key).front().id;
  return std::ranges::any_of(pins_, [&](const HeldPin& held) { return held.key == key && held.version == version; });
}

void Simulation::Flush() {
  Call* call = Begin(0, 1);
  core_->Flush([this, call](const absl::Status& status) { FlushDone(call, status); });
}

void Simulation::Checkpoint() {
  Call* call = Begin(0, 1);
  core_->Checkpoint([this, call](const absl::Status& status) { FlushDone(call, status); });
}

void Simulation::FlushDone(Call* call, const absl::Status& status) {
  Note(static_cast<uint64_t>(status.code()));
  if (status.ok()) {
    model_.DurableUpTo(call->moment);
  } else if (core_->writable().ok()) {
    Diverge(absl::StrCat("a flush failed: ", status.ToString()));
  }
  Forget(call);
}

// --- Faults and power cuts ------------------------------------------------------------

uint64_t Simulation::FaultyByte() {
  const Layout& layout = profile_.layout;
  const bool metadata = profile_.scope == FaultScope::kAnywhere && random_.OneIn(3);
  if (metadata) return random_.Between(layout.journal_offset, layout.data_offset - 1);
  return random_.Between(layout.data_offset, layout.device_bytes - 1);
}

void Simulation::InjectFault() {
  const Fault* fault = fault_rates_.Draw(FaultMoment::kBetween, &random_);
  if (fault == nullptr) return;
  ++counts_.faults;
  FaultTarget target{.disk = &disk_,
                     .random = &random_,
                     .offset = FaultyByte(),
                     .length = 1,
                     .elsewhere = 0,
                     .superblock_spared = superblock_rotted_};
  fault->strike(&target);
  superblock_rotted_ = target.superblock_spared;
}

void Simulation::OnEvent() {
  if (diverged()) return;
  if (core_ != nullptr) Observe();
  if (cuts_.OneIn(fork_one_in_)) TryPowerCut(disk_, MetadataSuspect(), 0);
}

void Simulation::TryPowerCut(const SimulatedDisk& disk, bool suspect, int depth) {
  ++counts_.forks;
  counts_.forks_in_recovery += core_ == nullptr || depth > 0 ? 1 : 0;
  SimulatedDisk fork = disk;
  fork.CutPower(&cuts_);
  const bool damaged = profile_.scope == FaultScope::kAnywhere && MetadataDamaged(fork, profile_.layout);
  JudgePowerCut(&fork, suspect || damaged, depth);
}

void Simulation::JudgePowerCut(SimulatedDisk* disk, bool suspect, int depth) {
  SimulatedClock clock;
  SimulatedDevice device(disk, &clock, cuts_.Next(),
                         {.alignment = profile_.alignment, .queue_depth = profile_.queue_depth});
  device.SetObserver([&] {
    if (depth < kRecoveryCutsMax && !diverged() && cuts_.OneIn(3)) TryPowerCut(*disk, suspect, depth + 1);
  });
  if (!formatted_) {
    RawBlockCore::Open(&device, &clock, profile_.core).status().IgnoreError();
    return;
  }
  LossCounts losses;
  RecoveryOracle oracle(&model_, profile_.layout, suspect, &losses);
  const absl::StatusOr<std::unique_ptr<RawBlockCore>> core = oracle.Open(&device, &clock, profile_.core);
  device.SetObserver(nullptr);
  absl::Status judged = core.status();
  if (core.ok() && *core != nullptr) judged = oracle.Judge(core->get(), device, *disk).status();
  if (!judged.ok())
    Diverge(absl::StrCat("after a power cut (", depth, " in recovery): ", std::string(judged.message())));
}

// --- Judging ------------------------------------------------------------------------------

void Simulation::Poll(absl::Duration timeout) {
  CHECK_EQ(core_->Poll(timeout), absl::OkStatus());
  Observe();
  if (core_->idle() && core_->writable().ok()) model_.DurableUpTo(model_.Now());
  if (!device_->misuse().empty()) Diverge(device_->misuse());
}

void Simulation::Observe() {
  for (size_t key = 0; key < model_.size() && !diverged(); ++key) ObserveKey(key);
  const Statistics statistics = core_->statistics();
  if (vanished_ > statistics.evictions + statistics.checksum_failures + statistics.read_errors) {
    Diverge(absl::StrCat(vanished_, " entries vanished, but ", statistics.evictions, " were evicted"));
  }
}

void Simulation::ObserveKey(size_t key) {
  const std::optional<uint64_t> bytes = core_->Exists(model_.key(key));
  const auto current = model_.Current(key);
  if (bytes.has_value()) {
    if (std::ranges::none_of(current, [&](const Version& version) { return version.bytes == *bytes; })) {
      Diverge(absl::StrCat("key ", key, " exists with bytes that it was not given, or was removed"));
    }
    return;
  }
  if (std::ranges::any_of(current, [](const Version& version) { return !version.present(); })) return;
  if (!model_.InFlight(key)) {
    ++vanished_;
    if (Pinned(key) && profile_.scope == FaultScope::kNone) Diverge("a pinned entry was evicted");
  } else if (profile_.core.policy == EvictionPolicyKind::kNone && profile_.scope == FaultScope::kNone) {
    Diverge("an entry vanished while it was being replaced");
  }
  model_.Drop(key);
}

void Simulation::CheckPins() {
  if (pins_.empty()) return;
  core_->ForEach([&](const EntryView& entry) {
    for (const HeldPin& held : pins_) {
      const bool itself = entry.key == model_.key(held.key) && entry.placement == held.placement;
      if (!itself && Overlap(entry.placement, held.placement)) Diverge("pinned blocks hold another payload");
    }
  });
}

// At rest and without pins, no space stays reserved, and no tail shows what was there before.
void Simulation::CheckLeaks() {
  for (int polls = 0; !core_->idle() && !diverged(); ++polls) {
    if (polls == kPollsMax) return Diverge("the store never comes to rest");
    Poll(absl::Milliseconds(1));
  }
  while (!pins_.empty()) {
    core_->Unpin(pins_.back().pin);
    pins_.pop_back();
  }
  if (diverged() || !core_->writable().ok()) return;
  if (absl::Status status = CheckTails(*core_, disk_); !status.ok()) return Diverge(std::string(status.message()));
  const Occupancy occupancy = core_->occupancy();
  if (occupancy.awaiting_free_blocks > 0) Diverge("blocks stay reserved although nothing is under way");
}

Placement Simulation::PlacementOf(size_t key) const {
  Placement placement;
  core_->ForEach([&](const EntryView& entry) {
    if (entry.key == model_.key(key)) placement = entry.placement;
  });
  return placement;
}

// Whether damage may have reached what recovery believes.
bool Simulation::MetadataSuspect() const {
  if (profile_.scope != FaultScope::kAnywhere) return false;
  return metadata_suspect_ || MetadataDamaged(disk_, profile_.layout) ||
         (device_ != nullptr && device_->FaultIn(0, 0, profile_.layout.data_offset));
}

// Whether a fault explains that the call failed.
bool Simulation::Excused(const Call& call) const {
  if (profile_.scope == FaultScope::kNone) return false;
  if (call.placement.empty()) return device_->faults() > call.faults_seen;
  return PayloadDamaged(disk_, *device_, call.faults_seen, profile_.layout, call.placement);
}

void Simulation::Diverge(const std::string& what) {
  if (divergence_.ok()) divergence_ = absl::InternalError(what);
}

void Simulation::Note(uint64_t value) {
  SeededRandom mix(fingerprint_ ^ value);
  fingerprint_ = mix.Next();
}

}  // namespace slotwise
