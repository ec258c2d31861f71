// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/caller.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/simulation/disk_image.h"

namespace slotwise {
namespace {

constexpr size_t kPinsMax = 3;
constexpr std::byte kUntouched{0xa5};

bool Overlap(const Placement& a, const Placement& b) {
  return std::ranges::any_of(a, [&](const Extent& x) {
    return std::ranges::any_of(b, [&](const Extent& y) { return x.start() < y.end() && y.start() < x.end(); });
  });
}

}  // namespace

void Caller::Operate() {
  ++world_->counts.operations;
  const uint64_t choice = world_->random.Below(100);
  world_->Note(choice);
  if (choice < 40) return Put();
  if (choice < 60) return Get();
  if (choice < 64) return ObserveKey(world_->random.Below(world_->model.size()));
  if (choice < 80) return Remove();
  if (choice < 86) return PinOne();
  if (choice < 92) return pins_.empty() ? PinOne() : UnpinOne(world_->random.Below(pins_.size()));
  if (choice < 97) return Flush();
  Checkpoint();
}

Caller::Call* Caller::Begin(size_t key, uint64_t bytes) {
  Call& call = calls_.emplace_back();
  call.key = key;
  call.after_flush_failure = world_->device->flush_failed();
  call.moment = world_->model.Now();
  call.faults_seen = world_->device->faults();
  const uint64_t skipped = world_->random.OneIn(2) ? 8 : 0;  // an address that the device cannot take
  call.memory = AlignedBuffer(bytes + skipped, DiskImage::kPageBytes * 4);
  std::ranges::fill(call.memory.span(), kUntouched);
  call.span = call.memory.span().subspan(skipped);
  return &call;
}

void Caller::Forget(Call* call) {
  calls_.remove_if([call](const Call& one) { return &one == call; });
}

void Caller::Put() {
  const size_t key = world_->random.Below(world_->model.size());
  if (world_->model.InFlight(key)) return Get();
  const uint64_t blocks = world_->random.OneIn(3) ? world_->profile.payload_blocks_max
                                                  : world_->random.Between(1, world_->profile.payload_blocks_max);
  const uint64_t short_of = world_->random.OneIn(3) ? 0 : world_->random.Below(world_->profile.layout.block_bytes);
  const auto bytes = static_cast<uint32_t>(blocks * world_->profile.layout.block_bytes - short_of);
  Call* call = Begin(key, bytes);
  call->durable = world_->random.OneIn(3);
  call->replace = world_->random.OneIn(2);
  call->version = world_->model.Begin(key, bytes);
  const std::vector<std::byte> payload = world_->model.Payload(key, {.id = call->version, .bytes = bytes});
  std::ranges::copy(payload, call->span.begin());
  world_->core->Put(
      world_->model.key(key), call->span,
      {.durability = call->durable ? Durability::kDurable : Durability::kBatched, .replace = call->replace},
      [this, call](const absl::StatusOr<PutOutcome>& outcome) { PutDone(call, outcome); });
}

void Caller::PutDone(Call* call, const absl::StatusOr<PutOutcome>& outcome) {
  world_->Note(static_cast<uint64_t>(outcome.status().code()));
  if (!outcome.ok()) {
    PutFailed(*call, outcome.status());
  } else if (*outcome == PutOutcome::kStored) {
    ++world_->counts.stored;
    if (call->durable && call->after_flush_failure) world_->Diverge("a put is durable after a failed flush");
    world_->model.Acknowledge(call->key, call->version, call->durable);
  } else {
    if (call->replace) world_->Diverge("a replacing put was not stored");
    world_->model.Withdraw(call->key, call->version);
    if (call->durable) world_->model.DurableUpTo(call->key, call->moment);
  }
  Forget(call);
}

void Caller::PutFailed(const Call& call, const absl::Status& status) {
  if (!world_->core->writable().ok()) return;  // it may have taken effect
  world_->model.Withdraw(call.key, call.version);
  if (absl::IsResourceExhausted(status)) {
    ++world_->counts.refused;
  } else if (!absl::IsDataLoss(status) || !Excused(call)) {
    world_->Diverge(absl::StrCat("a put failed: ", status.ToString()));
  }
}

void Caller::Get() {
  size_t key = world_->random.Below(world_->model.size());
  for (int tries = 0; tries < 3 && !world_->core->Exists(world_->model.key(key)).has_value(); ++tries) {
    key = world_->random.Below(world_->model.size());
  }
  const std::optional<uint64_t> bytes = world_->core->Exists(world_->model.key(key));
  const uint64_t block_bytes = world_->profile.layout.block_bytes;
  const uint64_t room = bytes.value_or(1) + (world_->random.OneIn(2) ? 2 * block_bytes : 0);
  Call* call = Begin(key, room);
  call->expected_bytes = bytes;
  const auto current = world_->model.Current(key);
  call->candidates.assign(current.begin(), current.end());
  if (world_->profile.scope != FaultScope::kNone) call->placement = PlacementOf(key);
  world_->core->Get(world_->model.key(key), call->span,
                    [this, call](const absl::StatusOr<uint64_t>& result) { GetDone(call, result); });
}

void Caller::GetDone(Call* call, const absl::StatusOr<uint64_t>& bytes) {
  world_->Note(static_cast<uint64_t>(bytes.status().code()));
  if (bytes.ok()) {
    ++world_->counts.hits;
    JudgeGet(*call, *bytes);
  } else if (absl::IsNotFound(bytes.status())) {
    ++world_->counts.misses;
    if (call->expected_bytes.has_value()) world_->Diverge("a get missed what was there");
  } else if (absl::IsDataLoss(bytes.status()) && Excused(*call)) {
    ++world_->counts.losses.payloads_damaged;
  } else {
    world_->Diverge(absl::StrCat("a get failed without a reason: ", bytes.status().ToString()));
  }
  Forget(call);
}

void Caller::JudgeGet(const Call& call, uint64_t bytes) {
  const std::span<const std::byte> payload = call.span.first(bytes);
  const auto matches = [&](const Version& version) { return world_->model.Matches(call.key, version, payload); };
  if (call.expected_bytes != bytes) world_->Diverge("a get gave another length than exists");
  if (std::ranges::none_of(call.candidates, matches)) {
    world_->Diverge(std::ranges::any_of(world_->model.History(call.key), matches) ? "a get gave stale bytes"
                                                                                  : "a get gave wrong bytes");
  }
  const uint64_t block_bytes = world_->profile.layout.block_bytes;
  const auto beyond = call.span.subspan(bytes);
  const uint64_t padding = std::min<uint64_t>(beyond.size(), (block_bytes - bytes % block_bytes) % block_bytes);
  const auto all = [](std::span<const std::byte> span, std::byte value) {
    return std::ranges::all_of(span, [value](std::byte byte) { return byte == value; });
  };
  if (!all(beyond.subspan(padding), kUntouched)) world_->Diverge("a get wrote beyond the last block");
  if (world_->profile.scope != FaultScope::kNone || all(beyond.first(padding), kUntouched)) return;
  if (!all(beyond.first(padding), std::byte{0})) world_->Diverge("a get shows what lies behind the payload");
}

void Caller::Remove() {
  const bool of_pinned = !pins_.empty() && world_->random.OneIn(4);
  const size_t key =
      of_pinned ? pins_[world_->random.Below(pins_.size())].key : world_->random.Below(world_->model.size());
  if (world_->model.InFlight(key)) return Get();
  Call* call = Begin(key, 1);
  call->durable = world_->random.OneIn(3);
  call->force = world_->random.OneIn(3);
  call->pinned = Pinned(key);
  call->version = world_->model.Begin(key, 0);
  world_->core->Remove(
      world_->model.key(key),
      {.durability = call->durable ? Durability::kDurable : Durability::kBatched, .force = call->force},
      [this, call](const absl::Status& status) { RemoveDone(call, status); });
}

void Caller::RemoveDone(Call* call, const absl::Status& status) {
  world_->Note(static_cast<uint64_t>(status.code()));
  const bool pinned = call->pinned && !call->force;
  if (status.ok()) {
    if (pinned) world_->Diverge("a pinned entry was removed");
    if (call->durable && call->after_flush_failure) world_->Diverge("a removal is durable after a failed flush");
    world_->model.Acknowledge(call->key, call->version, call->durable);
  } else if (absl::IsNotFound(status)) {
    world_->model.Withdraw(call->key, call->version);
    if (world_->core->Exists(world_->model.key(call->key)).has_value())
      world_->Diverge("a removal missed what was there");
  } else if (world_->core->writable().ok()) {
    world_->model.Withdraw(call->key, call->version);
    if (!absl::IsFailedPrecondition(status) || !pinned)
      world_->Diverge(absl::StrCat("a removal failed: ", status.ToString()));
  }
  Forget(call);
}

// A pin does not change while a removal is under way, so that its outcome is certain.
void Caller::PinOne() {
  const size_t key = world_->random.Below(world_->model.size());
  if (world_->model.InFlight(key) || pins_.size() == kPinsMax) return Get();
  const bool exists = world_->core->Exists(world_->model.key(key)).has_value();
  const std::optional<Pin> pin = world_->core->PinKey(world_->model.key(key));
  if (pin.has_value() != exists) world_->Diverge("a pin disagrees with exists");
  if (pin.has_value())
    pins_.push_back(
        {.key = key, .pin = *pin, .version = world_->model.Current(key).front().id, .placement = PlacementOf(key)});
}

void Caller::UnpinOne(size_t index) {
  if (world_->model.InFlight(pins_[index].key)) return Get();
  world_->core->Unpin(pins_[index].pin);
  pins_.erase(pins_.begin() + static_cast<ptrdiff_t>(index));
}

// Whether the version that was acknowledged last is pinned.
bool Caller::Pinned(size_t key) const {
  const uint64_t version = world_->model.Current(key).front().id;
  return std::ranges::any_of(pins_, [&](const HeldPin& held) { return held.key == key && held.version == version; });
}

void Caller::Flush() {
  Call* call = Begin(0, 1);
  world_->core->Flush([this, call](const absl::Status& status) { FlushDone(call, status); });
}

void Caller::Checkpoint() {
  Call* call = Begin(0, 1);
  world_->core->Checkpoint([this, call](const absl::Status& status) { FlushDone(call, status); });
}

void Caller::FlushDone(Call* call, const absl::Status& status) {
  world_->Note(static_cast<uint64_t>(status.code()));
  if (status.ok()) {
    world_->model.DurableUpTo(call->moment);
  } else if (world_->core->writable().ok()) {
    world_->Diverge(absl::StrCat("a flush failed: ", status.ToString()));
  }
  Forget(call);
}

void Caller::Observe() {
  for (size_t key = 0; key < world_->model.size() && !world_->diverged(); ++key) ObserveKey(key);
  const Statistics statistics = world_->core->statistics();
  if (vanished_ > statistics.evictions + statistics.checksum_failures + statistics.read_errors) {
    world_->Diverge(absl::StrCat(vanished_, " entries vanished, but ", statistics.evictions, " were evicted"));
  }
}

void Caller::ObserveKey(size_t key) {
  const std::optional<uint64_t> bytes = world_->core->Exists(world_->model.key(key));
  const auto current = world_->model.Current(key);
  if (bytes.has_value()) {
    if (std::ranges::none_of(current, [&](const Version& version) { return version.bytes == *bytes; })) {
      world_->Diverge(absl::StrCat("key ", key, " exists with bytes that it was not given, or was removed"));
    }
    return;
  }
  if (std::ranges::any_of(current, [](const Version& version) { return !version.present(); })) return;
  if (!world_->model.InFlight(key)) {
    ++vanished_;
    if (Pinned(key) && world_->profile.scope == FaultScope::kNone) world_->Diverge("a pinned entry was evicted");
  } else if (world_->profile.core.policy == EvictionPolicyKind::kNone && world_->profile.scope == FaultScope::kNone) {
    world_->Diverge("an entry vanished while it was being replaced");
  }
  world_->model.Drop(key);
}

void Caller::CheckPins() {
  if (pins_.empty()) return;
  world_->core->ForEach([&](const EntryView& entry) {
    for (const HeldPin& held : pins_) {
      const bool itself = entry.key == world_->model.key(held.key) && entry.placement == held.placement;
      if (!itself && Overlap(entry.placement, held.placement)) world_->Diverge("pinned blocks hold another payload");
    }
  });
}

Placement Caller::PlacementOf(size_t key) const {
  Placement placement;
  world_->core->ForEach([&](const EntryView& entry) {
    if (entry.key == world_->model.key(key)) placement = entry.placement;
  });
  return placement;
}

// Whether a fault explains that the call failed.
bool Caller::Excused(const Call& call) const {
  if (world_->profile.scope == FaultScope::kNone) return false;
  if (call.placement.empty()) return world_->device->faults() > call.faults_seen;
  return PayloadDamaged(world_->disk, *world_->device, call.faults_seen, world_->profile.layout, call.placement);
}

void Caller::UnpinAll() {
  for (const HeldPin& held : pins_) world_->core->Unpin(held.pin);
  pins_.clear();
}

void Caller::EndSession() {
  calls_.clear();
  pins_.clear();
}

}  // namespace slotwise
