// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_SIMULATION_RECOVERY_ORACLE_H_
#define SLOTWISE_TESTS_SIMULATION_RECOVERY_ORACLE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "allocator/extent.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/disk/layout.h"
#include "tests/simulation/simulated_clock.h"
#include "tests/simulation/simulated_device.h"
#include "tests/simulation/simulated_disk.h"
#include "tests/simulation/store_model.h"

namespace slotwise {

// What faults took, by cause. Everything else that is missing is a divergence.
struct LossCounts {
  uint64_t payloads_damaged = 0;     // a payload's sectors are damaged or unreadable, or its transfer failed
  uint64_t stores_metadata = 0;      // stores that do not open: damaged metadata
  uint64_t entries_metadata = 0;     // entries missing after damaged metadata
  uint64_t entries_rolled_back = 0;  // older versions back after damaged metadata

  void Add(const LossCounts& other);
  uint64_t total() const { return payloads_damaged + stores_metadata + entries_metadata + entries_rolled_back; }
};

// Judges a store that was opened after a crash. What is durable must be there; what is not durable must be there whole
// or not at all; no byte may be wrong. A loss needs a fault that explains it.
//
// An absl::InternalError is a divergence; its message says which.
class RecoveryOracle {
 public:
  // All borrowed. `metadata_suspect`: damage of the metadata excuses that the
  // store is lost or rolled back.
  RecoveryOracle(const StoreModel* model, const Layout& layout, bool metadata_suspect, LossCounts* losses)
      : model_(model), layout_(layout), metadata_suspect_(metadata_suspect), losses_(losses) {}

  // The store on `device`; null if it is lost for an excusable reason.
  absl::StatusOr<std::unique_ptr<RawBlockCore>> Open(SimulatedDevice* device, SimulatedClock* clock,
                                                     const CoreOptions& options);

  // The version of each key that `core` really has, its bytes compared.
  // REQUIRES: `core` is as Open returned it, on `device` over `disk`.
  absl::StatusOr<std::vector<StoreModel::Version>> Judge(RawBlockCore* core, const SimulatedDevice& device,
                                                         const SimulatedDisk& disk);

  // Whether Open met a fault.
  bool metadata_suspect() const { return metadata_suspect_; }

 private:
  using Version = StoreModel::Version;

  absl::StatusOr<Version> JudgeKey(size_t key, RawBlockCore* core);
  absl::StatusOr<Version> JudgeAbsent(size_t key);
  absl::StatusOr<Version> JudgePayload(size_t key, std::span<const std::byte> payload);
  absl::Status CheckEntries(const RawBlockCore& core);

  const StoreModel* const model_;
  const Layout layout_;
  bool metadata_suspect_;
  LossCounts* const losses_;
  const SimulatedDevice* device_ = nullptr;
  const SimulatedDisk* disk_ = nullptr;
  std::vector<Placement> placements_;  // by key; empty: not there
};

// Whether a sector of the journal or the checkpoints is damaged or unreadable, or
// both superblocks are.
bool MetadataDamaged(const SimulatedDisk& disk, const Layout& layout);
// Whether one of the payload's sectors is, or a transfer of it went wrong after
// the first `faults_seen` faults of the device.
bool PayloadDamaged(const SimulatedDisk& disk, const SimulatedDevice& device, uint64_t faults_seen,
                    const Layout& layout, const Placement& placement);

// Whether the bytes between the end of each payload and the end of its last
// block are zero on the disk, damaged sectors aside. An error is a divergence.
absl::Status CheckTails(const RawBlockCore& core, const SimulatedDisk& disk);

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_SIMULATION_RECOVERY_ORACLE_H_
