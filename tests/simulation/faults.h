// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_SIMULATION_FAULTS_H_
#define SLOTWISE_TESTS_SIMULATION_FAULTS_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "tests/simulation/seeded_random.h"
#include "tests/simulation/simulated_disk.h"

namespace slotwise {

// Which faults a run has besides crashes.
enum class FaultScope : uint8_t {
  kNone,      // power cuts only: nothing may be lost
  kPayloads,  // in the data region and one superblock copy at a time: only payloads may be lost
  kAnywhere,  // metadata too: the store itself may be lost, but nothing may be wrong
};
inline constexpr size_t kFaultScopes = 3;

// When a fault is drawn: as a transfer of this kind ends, or between two operations of a run.
enum class FaultMoment : uint8_t { kRead, kWrite, kFlush, kBetween };

// What excuses that calls fail or payloads are damaged.
enum class FaultExcuse : uint8_t {
  kNone,        // nothing: another try succeeds
  kMarked,      // the disk has marked the sectors, until they are written again
  kRemembered,  // the device remembers the bytes of the transfer, of a flush all, until it is opened again
};

// The place and the transfer that a fault strikes. A fault changes the second half.
struct FaultTarget {
  SimulatedDisk* disk;
  SeededRandom* random;
  uint64_t offset;                 // bytes, of the transfer; kBetween: of any byte of the scope
  uint64_t elsewhere;              // another place with room for the transfer
  bool superblock_spared = false;  // kBetween: one copy is damaged already

  SimulatedDisk::Fate fate = SimulatedDisk::Fate::kWritten;  // of a write
  uint64_t read_from = 0;                                    // of a read
  absl::Status status = {};                                  // of the transfer
};

// One kind of fault: a row of the table.
struct Fault {
  std::string_view name;
  FaultMoment moment;
  // By scope: one in so many transfers of that kind, or one in so many operations of a short run. 0: never.
  std::array<uint64_t, kFaultScopes> once_in;
  FaultExcuse excuse;
  void (*strike)(FaultTarget* target);
};

// Every kind. A new one is a new row in faults.cc.
std::span<const Fault> Faults();

// How often each fault of the table is drawn.
struct FaultRates {
  uint64_t from = 0;                   // bytes; transfers that start before this are spared
  std::vector<uint64_t> once_in = {};  // by row of Faults(); empty: never

  // Of a run of this scope, over a store whose data region starts at `data_offset`.
  static FaultRates Of(FaultScope scope, uint64_t data_offset);
  // The fault of this name only. REQUIRES: there is one.
  static FaultRates Only(std::string_view name, uint64_t once_in, uint64_t from = 0);

  // The first fault of `moment` that is drawn, in the order of the table; null if none is.
  const Fault* Draw(FaultMoment moment, SeededRandom* random) const;
};

// How a device reports a transfer that failed.
absl::Status MediumError(std::string_view what, uint64_t offset);

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_SIMULATION_FAULTS_H_
