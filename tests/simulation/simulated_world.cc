// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulated_world.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace slotwise {
namespace {

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
  kills += other.kills;
  late_writes += other.late_writes;
  passing_faults += other.passing_faults;
  power_cuts += other.power_cuts;
  forks += other.forks;
  forks_in_recovery += other.forks_in_recovery;
  faults += other.faults;
  read_only += other.read_only;
  losses.Add(other.losses);
}

SimulatedWorld::SimulatedWorld(const SimulationOptions& run_options)
    : options(run_options),
      random(run_options.seed),
      power_cuts_seed(random.Next()),
      profile(&random),
      disk(MakeDisk(profile, &random)),
      model(Keys(profile, &random)) {}

void SimulatedWorld::Diverge(const std::string& what) {
  if (divergence.ok()) divergence = absl::InternalError(what);
}

void SimulatedWorld::Note(uint64_t value) {
  SeededRandom mix(fingerprint ^ value);
  fingerprint = mix.Next();
}

void SimulatedWorld::Bury(SimulatedDevice* dead) {
  late_writes.insert(late_writes.end(), dead->late_writes().begin(), dead->late_writes().end());
  if (!profile.late_writes) LandAllLate();
}

void SimulatedWorld::LandAllLate() {
  while (!late_writes.empty()) LandLate();
}

// In any order. What lands where payloads are may hit another's, which is then damaged; nothing else may come of it,
// but for a checkpoint of the living: chunks of the dead go to the same slot.
void SimulatedWorld::LandLate() {
  if (late_writes.empty()) return;
  std::swap(late_writes[random.Below(late_writes.size())], late_writes.back());
  const SimulatedDisk::Landed landed = disk.EndLate(late_writes.back(), &random);
  late_writes.pop_back();
  if (landed.bytes == 0) return;
  ++counts.late_writes;
  const bool journal = landed.offset < profile.layout.checkpoint_offset[0];
  if (profile.late_writes && !journal) disk.MarkDamaged(landed.offset, landed.bytes);
}

bool SimulatedWorld::MetadataSuspect() const {
  if (profile.scope != FaultScope::kAnywhere) return false;
  return metadata_suspect || MetadataDamaged(disk, profile.layout) ||
         (device != nullptr && device->FaultIn(0, 0, profile.layout.data_offset));
}

}  // namespace slotwise
