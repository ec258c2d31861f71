// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/faults.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/system/errno_status.h"
#include "rawblock/disk/format.h"

namespace slotwise {
namespace {

using Fate = SimulatedDisk::Fate;

void FailRead(FaultTarget* target) { target->status = MediumError("read", target->offset); }

void MisdirectRead(FaultTarget* target) { target->read_from = target->elsewhere; }

void FailWrite(FaultTarget* target) {
  target->fate = Fate::kFailed;
  target->status = MediumError("write", target->offset);
}

void LoseWrite(FaultTarget* target) { target->fate = Fate::kPhantom; }

void MisdirectWrite(FaultTarget* target) { target->fate = Fate::kMisdirected; }

void FailFlush(FaultTarget* target) { target->status = MediumError("flush", 0); }

// One after the other, what may succeed another time.
absl::Status PassingError(SeededRandom* random) {
  constexpr int kErrors[] = {EAGAIN, EINTR, ENOMEM, ECANCELED, ETIMEDOUT, EBUSY};
  return ErrnoStatus(kErrors[random->Below(std::size(kErrors))], "simulated");
}

void RefuseTransfer(FaultTarget* target) {
  target->fate = Fate::kRefused;
  target->status = PassingError(target->random);
}

void Rot(FaultTarget* target, uint64_t offset) {
  target->disk->Rot(offset, static_cast<int>(target->random->Below(8)));
}

void RotBit(FaultTarget* target) { Rot(target, target->offset); }

void MakeUnreadable(FaultTarget* target) {
  const uint64_t sector_bytes = target->disk->sector_bytes();
  target->disk->MakeUnreadable(target->offset / sector_bytes * sector_bytes, sector_bytes);
}

void RotSuperblock(FaultTarget* target) {
  if (target->superblock_spared) return;
  target->superblock_spared = true;
  Rot(target, target->random->Below(format::kSuperblockCopies) * format::kSuperblockStride +
                  target->random->Below(format::kSuperblockBytes));
}

using enum FaultMoment;
using FaultExcuse::kMarked;
using FaultExcuse::kNone;
using FaultExcuse::kRemembered;

// Scopes: none, payloads, anywhere.
constexpr Fault kFaults[] = {
    {"read fails", kRead, {0, 120, 400}, kRemembered, FailRead},
    {"read is misdirected", kRead, {0, 90, 300}, kRemembered, MisdirectRead},
    {"write fails, some sectors written", kWrite, {0, 120, 400}, kRemembered, FailWrite},
    {"write is lost", kWrite, {0, 90, 300}, kMarked, LoseWrite},
    {"write is misdirected", kWrite, {0, 90, 300}, kMarked, MisdirectWrite},
    {"flush fails, some writes gone", kFlush, {0, 0, 300}, kRemembered, FailFlush},
    {"read fails for a moment", kRead, {60, 60, 60}, kNone, RefuseTransfer},
    {"write fails for a moment", kWrite, {60, 60, 60}, kNone, RefuseTransfer},
    {"flush fails for a moment", kFlush, {60, 60, 60}, kNone, RefuseTransfer},
    {"bit rots", kBetween, {0, 75, 75}, kMarked, RotBit},
    {"sector is unreadable", kBetween, {0, 75, 75}, kMarked, MakeUnreadable},
    {"one superblock copy rots", kBetween, {0, 40, 40}, kMarked, RotSuperblock},
};

}  // namespace

std::span<const Fault> Faults() { return kFaults; }

FaultRates FaultRates::Of(FaultScope scope, uint64_t data_offset) {
  FaultRates rates{.from = scope == FaultScope::kPayloads ? data_offset : 0};
  for (const Fault& fault : Faults()) rates.once_in.push_back(fault.once_in[static_cast<size_t>(scope)]);
  return rates;
}

FaultRates FaultRates::Only(std::string_view name, uint64_t once_in, uint64_t from) {
  const auto fault = std::ranges::find(Faults(), name, &Fault::name);
  CHECK(fault != Faults().end()) << "no fault is called " << name;
  FaultRates rates{.from = from, .once_in = std::vector<uint64_t>(Faults().size(), 0)};
  rates.once_in[static_cast<size_t>(fault - Faults().begin())] = once_in;
  return rates;
}

const Fault* FaultRates::Draw(FaultMoment moment, SeededRandom* random) const {
  for (size_t row = 0; row < once_in.size(); ++row) {
    if (Faults()[row].moment == moment && random->OneIn(once_in[row])) return &Faults()[row];
  }
  return nullptr;
}

absl::Status MediumError(std::string_view what, uint64_t offset) {
  return absl::DataLossError(absl::StrCat(std::string(what), " at byte ", offset, ": simulated (EIO, errno 5)"));
}

}  // namespace slotwise
