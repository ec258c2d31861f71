// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/recovery_oracle.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "iouring/aligned_buffer.h"
#include "rawblock/disk/format.h"

namespace slotwise {
namespace {

constexpr int kPollsMax = 100000;

absl::Status Divergence(absl::string_view what) { return absl::InternalError(what); }

// The payload of `key`, which has `bytes`, by polling until it is there.
absl::StatusOr<std::vector<std::byte>> Read(RawBlockCore* core, const std::string& key, uint64_t bytes) {
  AlignedBuffer memory(bytes, 4096);
  std::optional<absl::StatusOr<uint64_t>> result;
  core->Get(key, memory.span(), [&result](absl::StatusOr<uint64_t> read) { result = std::move(read); });
  for (int polls = 0; !result.has_value(); ++polls) {
    if (polls == kPollsMax) return Divergence("a get never completes");
    if (absl::Status status = core->Poll(absl::Milliseconds(1)); !status.ok()) return status;
  }
  if (!result->ok()) return result->status();
  return std::vector<std::byte>(memory.span().begin(), memory.span().end());
}

}  // namespace

void LossCounts::Add(const LossCounts& other) {
  payloads_damaged += other.payloads_damaged;
  stores_metadata += other.stores_metadata;
  entries_metadata += other.entries_metadata;
  entries_rolled_back += other.entries_rolled_back;
}

bool MetadataDamaged(const SimulatedDisk& disk, const Layout& layout) {
  if (disk.Marks(layout.journal_offset, layout.data_offset - layout.journal_offset) != 0) return true;
  return disk.Marks(0, format::kSuperblockBytes) != 0 &&
         disk.Marks(format::kSuperblockStride, format::kSuperblockBytes) != 0;
}

bool PayloadDamaged(const SimulatedDisk& disk, const SimulatedDevice& device, uint64_t faults_seen,
                    const Layout& layout, const Placement& placement) {
  return std::ranges::any_of(placement, [&](const Extent& extent) {
    const uint64_t offset = layout.ByteOffset(extent.start());
    const uint64_t length = extent.count().value() * layout.block_bytes;
    return disk.Marks(offset, length) != 0 || device.FaultIn(faults_seen, offset, length);
  });
}

absl::Status CheckTails(const RawBlockCore& core, const SimulatedDisk& disk) {
  absl::Status status;
  const Layout& layout = core.header().layout;
  AlignedBuffer block(layout.block_bytes, layout.block_bytes);
  core.ForEach([&](const EntryView& entry) {
    const uint64_t used = entry.payload_bytes % layout.block_bytes;
    if (used == 0) return;
    uint64_t last = entry.payload_bytes / layout.block_bytes;  // counted along the placement
    for (const Extent& extent : entry.placement) {
      if (last >= extent.count().value()) {
        last -= extent.count().value();
        continue;
      }
      const uint64_t offset = layout.ByteOffset(extent.start() + BlockCount(last));
      if (disk.Marks(offset, layout.block_bytes) != 0) return;
      disk.Read(offset, block.span());
      const auto tail = block.span().subspan(used);
      if (std::ranges::any_of(tail, [](std::byte byte) { return byte != std::byte{0}; })) {
        status.Update(Divergence("the tail of a payload is not zero on the disk"));
      }
      return;
    }
  });
  return status;
}

absl::StatusOr<std::unique_ptr<RawBlockCore>> RecoveryOracle::Open(SimulatedDevice* device, SimulatedClock* clock,
                                                                   const CoreOptions& options) {
  absl::StatusOr<std::unique_ptr<RawBlockCore>> core = RawBlockCore::Open(device, clock, options);
  metadata_suspect_ = metadata_suspect_ || device->FaultIn(0, 0, layout_.data_offset);
  if (!device->misuse().empty()) return Divergence(device->misuse());
  if (!core.ok()) {
    if (!metadata_suspect_) return Divergence(absl::StrCat("the store does not open: ", core.status().ToString()));
    ++losses_->stores_metadata;
    return nullptr;
  }
  if ((*core)->recovery().damages > 0 && !metadata_suspect_) return Divergence("metadata is damaged without any fault");
  if ((*core)->recovery().entries_dropped > 0 && !metadata_suspect_) {
    return Divergence(absl::StrCat((*core)->recovery().entries_dropped, " entries do not fit beside the others"));
  }
  return core;
}

absl::StatusOr<std::vector<StoreModel::Version>> RecoveryOracle::Judge(RawBlockCore* core,
                                                                       const SimulatedDevice& device,
                                                                       const SimulatedDisk& disk) {
  device_ = &device;
  disk_ = &disk;
  core->CheckInvariants();
  if (absl::Status status = CheckEntries(*core); !status.ok()) return status;
  std::vector<Version> found;
  for (size_t key = 0; key < model_->size(); ++key) {
    absl::StatusOr<Version> version = JudgeKey(key, core);
    if (!version.ok()) return absl::InternalError(absl::StrCat("key ", key, ": ", version.status().message()));
    found.push_back(*version);
  }
  if (absl::Status status = CheckTails(*core, disk); !status.ok() && !metadata_suspect_) return status;
  core->CheckInvariants();
  if (!device.misuse().empty()) return Divergence(device.misuse());
  return found;
}

absl::Status RecoveryOracle::CheckEntries(const RawBlockCore& core) {
  absl::Status status;
  placements_.assign(model_->size(), Placement());
  core.ForEach([&](const EntryView& entry) {
    const size_t key = model_->Find(entry.key);
    if (key == model_->size()) {
      status = Divergence("a key that was never put");
    } else {
      placements_[key] = entry.placement;
    }
  });
  return status;
}

absl::StatusOr<StoreModel::Version> RecoveryOracle::JudgeKey(size_t key, RawBlockCore* core) {
  const std::optional<uint64_t> bytes = core->Exists(model_->key(key));
  if (!bytes.has_value()) return JudgeAbsent(key);
  const uint64_t faults_seen = device_->faults();
  const absl::StatusOr<std::vector<std::byte>> payload = Read(core, model_->key(key), *bytes);
  if (payload.ok()) return JudgePayload(key, *payload);
  const bool damaged = PayloadDamaged(*disk_, *device_, faults_seen, layout_, placements_[key]);
  if (!absl::IsDataLoss(payload.status()) || !(damaged || metadata_suspect_)) {
    return Divergence(absl::StrCat("lost: ", payload.status().ToString()));
  }
  ++losses_->payloads_damaged;
  return Version{};
}

absl::StatusOr<StoreModel::Version> RecoveryOracle::JudgeAbsent(size_t key) {
  const auto survivors = model_->Survivors(key);
  if (std::ranges::any_of(survivors, [](const Version& version) { return !version.present(); })) return Version{};
  if (!metadata_suspect_) return Divergence("lost: it is durable, but not there");
  ++losses_->entries_metadata;
  return Version{};
}

absl::StatusOr<StoreModel::Version> RecoveryOracle::JudgePayload(size_t key, std::span<const std::byte> payload) {
  const auto matches = [&](const Version& version) { return model_->Matches(key, version, payload); };
  const auto survivors = model_->Survivors(key);
  if (const auto it = std::ranges::find_if(survivors, matches); it != survivors.end()) return *it;
  const auto history = model_->History(key);
  const auto old = std::ranges::find_if(history, matches);
  if (old == history.end()) return Divergence("wrong bytes");
  if (!metadata_suspect_) return Divergence("stale: a version that was durably replaced or removed is back");
  ++losses_->entries_rolled_back;
  return *old;
}

}  // namespace slotwise
