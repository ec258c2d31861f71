// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_SIMULATION_SIMULATED_DISK_H_
#define SLOTWISE_TESTS_SIMULATION_SIMULATED_DISK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "tests/simulation/disk_image.h"
#include "tests/simulation/seeded_random.h"

namespace slotwise {

// A disk with a volatile write cache, as it outlives the device that drives it:
// what is safe, what a power cut may still take, and what is broken. A copy is a
// fork: the two go on independently, and cost what they change. One thread.
//
// A write is begun, then ended, then flushed. Reads see what has ended. A power
// cut keeps what was flushed; of every other write, begun or ended, it keeps any
// sectors, and leaves some of them neither old nor new.
class SimulatedDisk {
 public:
  // What becomes of a write when it ends.
  enum class Fate : uint8_t {
    kWritten,
    kPhantom,      // nothing is written, although the device says so
    kMisdirected,  // it goes elsewhere
    kFailed,       // some sectors are written, and the device says that it failed
    kRefused,      // nothing is written, and the device says so
  };
  using WriteId = uint64_t;
  // Covers the writes that had ended when it was taken.
  using FlushPoint = uint64_t;

  SimulatedDisk(uint64_t bytes, uint32_t sector_bytes) : durable_(bytes, sector_bytes), visible_(durable_) {}

  // As a disk that held something else before.
  void FillWithGarbage(SeededRandom* random);

  uint64_t size() const { return visible_.size(); }
  uint32_t sector_bytes() const { return visible_.sector_bytes(); }

  void Read(uint64_t offset, std::span<std::byte> out) const { visible_.Read(offset, out); }
  // Marks of DiskImage in what reads see.
  uint8_t Marks(uint64_t offset, uint64_t length) const { return visible_.Marks(offset, length); }

  WriteId BeginWrite(uint64_t offset, std::vector<std::byte> bytes);
  // `elsewhere` is where a misdirected one goes.
  void EndWrite(WriteId id, Fate fate, uint64_t elsewhere, SeededRandom* random);
  // A write that nobody waits for any more, as its process is dead: it lands whole, in part or never. Not an error if a
  // power cut has taken it. Returns what it covers, in bytes; 0 if it never lands.
  struct Landed {
    uint64_t offset = 0;
    uint64_t bytes = 0;
  };
  Landed EndLate(WriteId id, SeededRandom* random);
  FlushPoint BeginFlush() const { return next_end_; }
  void EndFlush(FlushPoint point);
  // A flush that failed: each write it covers is safe or gone for good.
  void FailFlush(FlushPoint point, SeededRandom* random);
  void CutPower(SeededRandom* random);

  // A bit of the byte at `offset` rots.
  void Rot(uint64_t offset, int bit);
  // Nothing is damaged or unreadable any more; the bytes stay as they are.
  void Repair();
  // A range holds what nobody expects there, until it is written again.
  void MarkDamaged(uint64_t offset, uint64_t length);
  // Sectors that cannot be read until they are written again.
  void MakeUnreadable(uint64_t offset, uint64_t length);

 private:
  static constexpr uint64_t kNotEnded = ~uint64_t{0};

  struct Write {
    WriteId id;
    uint64_t ended;   // order of the end, or kNotEnded
    uint64_t offset;  // where it was meant to go
    uint64_t target;  // where it goes
    Fate fate;
    std::shared_ptr<const std::vector<std::byte>> bytes;
  };

  void Apply(const Write& write, DiskImage* image) const;
  void ApplyTorn(const Write& write, bool garbage, SeededRandom* random, DiskImage* image) const;
  // The ended writes that `point` covers, in the order of their ends; no longer pending.
  std::vector<Write> TakeCovered(FlushPoint point);

  DiskImage durable_;
  DiskImage visible_;
  std::vector<Write> pending_;  // begun and not flushed
  WriteId next_id_ = 0;
  uint64_t next_end_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_SIMULATION_SIMULATED_DISK_H_
