// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulated_disk.h"

#include <algorithm>
#include <span>
#include <utility>

#include "glog/logging.h"

namespace slotwise {

void SimulatedDisk::FillWithGarbage(SeededRandom* random) {
  durable_.FillWithGarbage(random);
  visible_ = durable_;
}

SimulatedDisk::WriteId SimulatedDisk::BeginWrite(uint64_t offset, std::vector<std::byte> bytes) {
  pending_.push_back({.id = next_id_,
                      .ended = kNotEnded,
                      .offset = offset,
                      .target = offset,
                      .fate = Fate::kWritten,
                      .bytes = std::make_shared<const std::vector<std::byte>>(std::move(bytes))});
  return next_id_++;
}

void SimulatedDisk::EndWrite(WriteId id, Fate fate, uint64_t elsewhere, SeededRandom* random) {
  const auto write = std::ranges::find(pending_, id, &Write::id);
  CHECK(write != pending_.end());
  write->ended = next_end_++;
  write->fate = fate;
  const uint64_t bytes = write->bytes->size();
  if (fate == Fate::kRefused) {
    pending_.erase(write);
    return;
  }
  if (fate == Fate::kMisdirected) write->target = elsewhere;
  if (fate != Fate::kFailed) return Apply(*write, &visible_);
  ApplyTorn(*write, false, random, &visible_);
  durable_.Mark(write->offset, bytes, DiskImage::kDamaged);
  visible_.Mark(write->offset, bytes, DiskImage::kDamaged);
  pending_.erase(write);
}

SimulatedDisk::Landed SimulatedDisk::EndLate(WriteId id, SeededRandom* random) {
  const auto found = std::ranges::find(pending_, id, &Write::id);
  if (found == pending_.end()) return {};
  const Write write = *found;
  pending_.erase(found);
  if (random->OneIn(3)) return {};
  const bool whole = random->OneIn(2);
  const uint64_t step = whole ? write.bytes->size() : sector_bytes();
  for (uint64_t at = 0; at < write.bytes->size(); at += step) {
    if (!whole && random->OneIn(2)) continue;
    const auto piece = std::span(*write.bytes).subspan(at, step);
    const WriteId part = BeginWrite(write.offset + at, {piece.begin(), piece.end()});
    EndWrite(part, Fate::kWritten, 0, random);
  }
  return {.offset = write.offset, .bytes = write.bytes->size()};
}

void SimulatedDisk::EndFlush(FlushPoint point) {
  for (const Write& write : TakeCovered(point)) Apply(write, &durable_);
}

void SimulatedDisk::FailFlush(FlushPoint point, SeededRandom* random) {
  for (const Write& write : TakeCovered(point)) {
    if (random->OneIn(2)) {
      Apply(write, &durable_);
      continue;
    }
    std::vector<std::byte> before(write.bytes->size());
    durable_.Read(write.target, before);
    visible_.Write(write.target, before);
    for (DiskImage* image : {&durable_, &visible_}) {
      image->Mark(write.offset, before.size(), DiskImage::kDamaged);
      image->Mark(write.target, before.size(), DiskImage::kDamaged);
    }
  }
}

void SimulatedDisk::CutPower(SeededRandom* random) {
  enum Kind : uint8_t { kNoneKept, kAllKept, kSomeKept, kTorn, kTornWithGarbage, kKinds };
  const auto kind = static_cast<Kind>(random->Below(kKinds));
  for (size_t left = pending_.size(); left > 1; --left) std::swap(pending_[left - 1], pending_[random->Below(left)]);
  for (const Write& write : pending_) {
    if (kind == kAllKept || (kind == kSomeKept && random->OneIn(2))) Apply(write, &durable_);
    if (kind == kTorn || kind == kTornWithGarbage) ApplyTorn(write, kind == kTornWithGarbage, random, &durable_);
  }
  pending_.clear();
  visible_ = durable_;
}

void SimulatedDisk::Rot(uint64_t offset, int bit) {
  for (DiskImage* image : {&durable_, &visible_}) image->FlipBit(offset, bit);
}

void SimulatedDisk::Repair() {
  for (DiskImage* image : {&durable_, &visible_}) image->ClearMarks();
}

void SimulatedDisk::MarkDamaged(uint64_t offset, uint64_t length) {
  for (DiskImage* image : {&durable_, &visible_}) image->Mark(offset, length, DiskImage::kDamaged);
}

void SimulatedDisk::MakeUnreadable(uint64_t offset, uint64_t length) {
  for (DiskImage* image : {&durable_, &visible_}) image->Mark(offset, length, DiskImage::kUnreadable);
}

void SimulatedDisk::Apply(const Write& write, DiskImage* image) const {
  const uint64_t bytes = write.bytes->size();
  if (write.fate != Fate::kPhantom) image->Write(write.target, *write.bytes);
  if (write.fate == Fate::kWritten) return;
  image->Mark(write.offset, bytes, DiskImage::kDamaged);
  if (write.fate == Fate::kMisdirected) image->Mark(write.target, bytes, DiskImage::kDamaged);
}

void SimulatedDisk::ApplyTorn(const Write& write, bool garbage, SeededRandom* random, DiskImage* image) const {
  if (write.fate == Fate::kPhantom || write.fate == Fate::kMisdirected) return Apply(write, image);
  const uint64_t sector_bytes = image->sector_bytes();
  std::vector<std::byte> noise(sector_bytes);
  for (uint64_t at = 0; at < write.bytes->size(); at += sector_bytes) {
    const uint64_t choice = random->Below(garbage ? 3 : 2);
    if (choice == 0) continue;
    if (choice == 1) {
      image->Write(write.target + at, std::span(*write.bytes).subspan(at, sector_bytes));
      continue;
    }
    for (std::byte& byte : noise) byte = static_cast<std::byte>(random->Next());
    image->Write(write.target + at, noise);
  }
}

std::vector<SimulatedDisk::Write> SimulatedDisk::TakeCovered(FlushPoint point) {
  const auto covered =
      std::stable_partition(pending_.begin(), pending_.end(), [&](const Write& write) { return write.ended >= point; });
  std::vector<Write> taken(covered, pending_.end());
  pending_.erase(covered, pending_.end());
  std::ranges::sort(taken, {}, &Write::ended);
  return taken;
}

}  // namespace slotwise
