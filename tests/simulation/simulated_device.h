// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TESTS_SIMULATION_SIMULATED_DEVICE_H_
#define SLOTWISE_TESTS_SIMULATION_SIMULATED_DEVICE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "iouring/device.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/seeded_random.h"
#include "tests/simulation/simulated_clock.h"
#include "tests/simulation/simulated_disk.h"

namespace slotwise {

// Drives a SimulatedDisk as a real device would be driven: transfers take random
// times, end in any order, and go wrong as often as asked. Everything follows
// from the seed. Time passes in Poll only.
//
// It also watches its user: `misuse` tells of a write that met another transfer of the same bytes in flight, which has
// no defined outcome on any device. It aborts if it is polled over and over with nothing in flight.
class SimulatedDevice : public Device {
 public:
  struct Options {
    uint32_t alignment = 4096;  // a multiple of the disk's sectors
    int queue_depth = 32;
    absl::Duration latency_max = absl::Microseconds(200);
    uint64_t bytes = 0;      // that the device says it has; 0: all of the disk
    uint64_t slow_from = 0;  // writes from this byte ...
    uint64_t slow_to = 0;    // ... up to this one take so much longer
    int64_t slowness = 1;
    uint64_t dies_after = 0;  // events; 0: never. See Die
    FaultRates faults = {};
  };

  // `disk` and `clock` are borrowed.
  SimulatedDevice(SimulatedDisk* disk, SimulatedClock* clock, uint64_t seed, const Options& options);
  ~SimulatedDevice() override;

  uint64_t size() const override { return bytes_; }
  uint32_t alignment() const override { return options_.alignment; }
  int queue_depth() const override { return options_.queue_depth; }
  int in_flight() const override { return static_cast<int>(waiting_.size() + active_.size()) + ending_; }
  void Submit(IoRequest* request) override;
  absl::Status Poll(absl::Duration timeout) override;
  absl::Status Close() override;

  // The process that drives it dies: nothing is called back and nothing submitted any more; Poll fails. What writes had
  // begun are the disk's to end: see late_writes and SimulatedDisk::EndLate.
  void Die();
  const std::vector<SimulatedDisk::WriteId>& late_writes() const { return late_writes_; }

  // Called after each event that changes what a power cut may leave: a write began or ended, or a flush ended. Before
  // any `done`.
  void SetObserver(std::function<void()> observer) { observer_ = std::move(observer); }

  // From now on transfers beyond `bytes` fail, as when the disk shrank.
  void ShrinkTo(uint64_t bytes) { readable_bytes_ = bytes; }

  // Faults so far that the disk does not remember: transfers that failed, and the requested ranges of misdirected
  // reads.
  uint64_t faults() const { return faults_.size(); }
  // Transfers so far that failed for a moment.
  uint64_t passing_faults() const { return passing_faults_; }
  // Writes so far that ended well, but were misdirected or never done.
  uint64_t silent_faults() const { return silent_faults_; }
  // Whether one of the faults after the first `seen` touched a range in bytes.
  bool FaultIn(uint64_t seen, uint64_t offset, uint64_t length) const;
  // A flush has failed, so nothing becomes durable any more.
  bool flush_failed() const { return !flush_failure_.ok(); }
  // What the user did wrong, or nothing.
  const std::string& misuse() const { return misuse_; }
  // Writes begun and ended, and flushes ended.
  uint64_t events() const { return events_; }

 private:
  struct Transfer {
    IoRequest* request;
    uint64_t length;
    absl::Time ends;
    uint64_t order;
    SimulatedDisk::WriteId write;
    SimulatedDisk::FlushPoint flush;
  };
  struct Range {
    uint64_t offset;
    uint64_t length;
  };

  void BeginWaiting();
  void Begin(IoRequest* request);
  void WatchOverlap(const Transfer& transfer);
  std::vector<Transfer> TakeEnded();
  void End(const Transfer& transfer);
  void EndRead(const Transfer& transfer);
  void EndWrite(const Transfer& transfer);
  void EndFlush(const Transfer& transfer);
  // `transfer` as a fault finds it, and as the fault that was drawn, if one was, leaves it.
  FaultTarget DrawFault(const Transfer& transfer, FaultMoment moment);
  // Where a misdirected transfer of `length` bytes goes.
  uint64_t Elsewhere(uint64_t length);
  void Remember(const Transfer& transfer);
  void Event();

  SimulatedDisk* const disk_;
  SimulatedClock* const clock_;
  SeededRandom random_;
  const Options options_;
  const uint64_t bytes_;
  uint64_t readable_bytes_;
  std::function<void()> observer_;

  std::deque<IoRequest*> waiting_;
  std::vector<Transfer> active_;
  int idle_polls_ = 0;  // since a transfer was in flight
  int ending_ = 0;      // ended, and `done` is still to be called
  uint64_t next_order_ = 0;
  bool closed_ = false;
  absl::Status flush_failure_;
  std::vector<Range> faults_;
  uint64_t silent_faults_ = 0;
  uint64_t passing_faults_ = 0;
  bool dead_ = false;
  std::vector<SimulatedDisk::WriteId> late_writes_;
  std::string misuse_;
  uint64_t events_ = 0;
};

}  // namespace slotwise

#endif  // SLOTWISE_TESTS_SIMULATION_SIMULATED_DEVICE_H_
