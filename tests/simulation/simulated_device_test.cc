// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/simulated_device.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <deque>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "iouring/aligned_buffer.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/seeded_random.h"
#include "tests/simulation/simulated_clock.h"
#include "tests/simulation/simulated_disk.h"

namespace slotwise {
namespace {

using Op = IoRequest::Op;

constexpr uint64_t kBytes = 1 << 20;
constexpr uint32_t kSector = 512;
constexpr uint32_t kUnit = 4096;

// A request with its own memory, filled with one value.
struct Block : IoRequest {
  Block(Op operation, uint64_t at, std::byte value, uint64_t bytes = kUnit) : memory(bytes, kUnit) {
    op = operation;
    offset = at;
    std::ranges::fill(memory.span(), value);
    iovec = {.iov_base = memory.span().data(), .iov_len = memory.size()};
    if (op == Op::kRead || op == Op::kWrite) buffers = {&iovec, 1};
    status = absl::UnknownError("never set");
    done = [](IoRequest* request) { ++static_cast<Block*>(request)->calls; };
  }
  AlignedBuffer memory;
  ::iovec iovec;
  int calls = 0;
};

class SimulatedDeviceTest : public testing::Test {
 protected:
  SimulatedDeviceTest() : disk_(kBytes, kSector) { Reset({}); }

  void Reset(const SimulatedDevice::Options& options) {
    device_.reset();
    device_ = std::make_unique<SimulatedDevice>(&disk_, &clock_, ++seed_, options);
  }
  void Drain() {
    while (device_->in_flight() > 0) ASSERT_EQ(device_->Poll(absl::InfiniteDuration()), absl::OkStatus());
  }
  absl::Status Perform(Block* block) {
    device_->Submit(block);
    EXPECT_EQ(block->calls, 0);
    Drain();
    EXPECT_EQ(block->calls, 1);
    return block->status;
  }
  absl::Status Write(uint64_t offset, std::byte value) {
    Block block(Op::kWrite, offset, value);
    return Perform(&block);
  }
  absl::Status Flush() {
    Block block(Op::kFlush, 0, {});
    return Perform(&block);
  }
  // The values of the sectors of one block of `disk`.
  static std::set<std::byte> Sectors(const SimulatedDisk& disk, uint64_t offset) {
    std::vector<std::byte> bytes(kUnit);
    disk.Read(offset, bytes);
    std::set<std::byte> values;
    for (size_t sector = 0; sector < kUnit; sector += kSector) values.insert(bytes[sector]);
    return values;
  }
  bool Holds(uint64_t offset, std::byte value) { return Sectors(disk_, offset) == std::set{value}; }

  SimulatedClock clock_;
  SimulatedDisk disk_;
  std::unique_ptr<SimulatedDevice> device_;
  SeededRandom random_{99};
  uint64_t seed_ = 0;
};

constexpr std::byte kOld{0x11};
constexpr std::byte kNew{0x22};

TEST_F(SimulatedDeviceTest, ReadsWhatWasWritten) {
  ASSERT_EQ(Write(8192, kNew), absl::OkStatus());
  Block read(Op::kRead, 8192, kOld);
  EXPECT_EQ(Perform(&read), absl::OkStatus());
  EXPECT_TRUE(std::ranges::all_of(read.memory.span(), [](std::byte byte) { return byte == kNew; }));
  Block elsewhere(Op::kRead, 0, kOld);
  EXPECT_EQ(Perform(&elsewhere), absl::OkStatus());
  EXPECT_TRUE(std::ranges::all_of(elsewhere.memory.span(), [](std::byte byte) { return byte == std::byte{0}; }));
}

TEST_F(SimulatedDeviceTest, TakesMoreThanItsQueueAndReorders) {
  Reset({.queue_depth = 4});
  std::deque<Block> blocks;
  for (uint64_t i = 0; i < 40; ++i) device_->Submit(&blocks.emplace_back(Op::kWrite, i * kUnit, std::byte(i)));
  EXPECT_EQ(device_->in_flight(), 40);
  bool reordered = false;
  while (device_->in_flight() > 0) {
    ASSERT_EQ(device_->Poll(absl::InfiniteDuration()), absl::OkStatus());
    const auto open = std::ranges::find(blocks, 0, &Block::calls);
    reordered = reordered || std::any_of(open, blocks.end(), [](const Block& block) { return block.calls > 0; });
  }
  EXPECT_TRUE(reordered);
  for (uint64_t i = 0; i < 40; ++i) EXPECT_TRUE(Holds(i * kUnit, std::byte(i)));
}

TEST_F(SimulatedDeviceTest, TimePassesInPollOnly) {
  Block block(Op::kWrite, 0, kNew);
  device_->Submit(&block);
  const absl::Time before = clock_.Now();
  while (block.calls == 0) ASSERT_EQ(device_->Poll(absl::ZeroDuration()), absl::OkStatus());
  EXPECT_LE(clock_.Now() - before, absl::Microseconds(201));
  EXPECT_EQ(device_->Poll(absl::InfiniteDuration()), absl::OkStatus());  // nothing is in flight: at once
}

TEST_F(SimulatedDeviceTest, CloseDrainsAndMisuseDies) {
  Block block(Op::kWrite, 0, kNew);
  device_->Submit(&block);
  EXPECT_EQ(device_->Close(), absl::OkStatus());
  EXPECT_EQ(block.calls, 1);
  EXPECT_DEATH(device_->Submit(&block), "closed");
  Reset({});
  Block odd(Op::kWrite, 512, kNew);
  EXPECT_DEATH(device_->Submit(&odd), "unaligned");
  Block beyond(Op::kWrite, kBytes, kNew);
  EXPECT_DEATH(device_->Submit(&beyond), "out of bounds");
}

TEST_F(SimulatedDeviceTest, SeesAWriteMeetAnotherTransfer) {
  Block read(Op::kRead, 0, kOld);
  Block other(Op::kRead, 0, kOld);
  Block write(Op::kWrite, 0, kNew);
  device_->Submit(&read);
  device_->Submit(&other);
  EXPECT_EQ(device_->misuse(), "");
  device_->Submit(&write);
  EXPECT_NE(device_->misuse(), "");
  Drain();
}

// Over many cuts an unflushed block is seen old, new, mixed and with garbage; a flushed one is only ever new.
TEST_F(SimulatedDeviceTest, APowerCutTakesOnlyWhatWasNotFlushed) {
  ASSERT_EQ(Write(0, kOld), absl::OkStatus());
  ASSERT_EQ(Write(kUnit, kNew), absl::OkStatus());
  ASSERT_EQ(Flush(), absl::OkStatus());
  ASSERT_EQ(Write(0, kNew), absl::OkStatus());
  std::map<std::string, int> seen;
  for (int cut = 0; cut < 200; ++cut) {
    SimulatedDisk fork = disk_;
    fork.CutPower(&random_);
    EXPECT_EQ(Sectors(fork, kUnit), std::set{kNew});
    std::set<std::byte> sectors = Sectors(fork, 0);
    const bool has_old = sectors.erase(kOld) > 0;
    const bool has_new = sectors.erase(kNew) > 0;
    ++seen[!sectors.empty() ? "garbage" : has_old && has_new ? "mixed" : has_old ? "old" : "new"];
  }
  EXPECT_EQ(seen.size(), 4u);
  EXPECT_TRUE(Holds(0, kNew));  // the forks were copies
}

TEST_F(SimulatedDeviceTest, AFlushCoversOnlyWhatHadEnded) {
  Reset({.latency_max = absl::Milliseconds(10)});
  int lost = 0;
  for (int round = 0; round < 50; ++round) {
    ASSERT_EQ(Write(0, kOld), absl::OkStatus());
    ASSERT_EQ(Flush(), absl::OkStatus());
    Block write(Op::kWrite, 0, kNew);
    Block flush(Op::kFlush, 0, {});
    device_->Submit(&write);
    device_->Submit(&flush);
    Drain();
    SimulatedDisk fork = disk_;
    fork.CutPower(&random_);
    lost += Sectors(fork, 0) == std::set{kNew} ? 0 : 1;
  }
  EXPECT_GT(lost, 10);
}

TEST_F(SimulatedDeviceTest, AWriteInFlightMayBeThereAfterACut) {
  Block write(Op::kWrite, 0, kNew);
  device_->Submit(&write);
  bool kept = false;
  for (int cut = 0; cut < 50; ++cut) {
    SimulatedDisk fork = disk_;
    fork.CutPower(&random_);
    kept = kept || Sectors(fork, 0) == std::set{kNew};
  }
  EXPECT_TRUE(kept);
  Drain();
}

TEST_F(SimulatedDeviceTest, UnreadableUntilWritten) {
  disk_.MakeUnreadable(kUnit, kSector);
  Block read(Op::kRead, 0, kOld, 2 * kUnit);
  EXPECT_TRUE(absl::IsDataLoss(Perform(&read)));
  Block beside(Op::kRead, 0, kOld);
  EXPECT_EQ(Perform(&beside), absl::OkStatus());
  ASSERT_EQ(Write(kUnit, kNew), absl::OkStatus());
  Block again(Op::kRead, 0, kOld, 2 * kUnit);
  EXPECT_EQ(Perform(&again), absl::OkStatus());
}

TEST_F(SimulatedDeviceTest, RotStaysAfterAPowerCut) {
  ASSERT_EQ(Write(0, kOld), absl::OkStatus());
  ASSERT_EQ(Flush(), absl::OkStatus());
  disk_.Rot(700, 1);
  disk_.CutPower(&random_);
  std::vector<std::byte> bytes(kUnit);
  disk_.Read(0, bytes);
  EXPECT_EQ(bytes[700], kOld ^ std::byte{2});
  EXPECT_EQ(disk_.Marks(0, kSector), 0);
  EXPECT_EQ(disk_.Marks(kSector, kSector), DiskImage::kDamaged);
}

TEST_F(SimulatedDeviceTest, APhantomWriteSaysThatItIsDone) {
  Reset({.faults = FaultRates::Only("write is lost", 1)});
  EXPECT_EQ(Write(0, kNew), absl::OkStatus());
  EXPECT_TRUE(Holds(0, std::byte{0}));
  EXPECT_EQ(disk_.Marks(0, kUnit), DiskImage::kDamaged);
  EXPECT_EQ(device_->silent_faults(), 1u);
}

TEST_F(SimulatedDeviceTest, AMisdirectedWriteLandsElsewhere) {
  Reset({.faults = FaultRates::Only("write is misdirected", 1, kUnit)});
  EXPECT_EQ(Write(0, kOld), absl::OkStatus());
  EXPECT_TRUE(Holds(0, kOld));  // spared
  EXPECT_EQ(Write(8192, kNew), absl::OkStatus());
  int places = 0;
  for (uint64_t offset = kUnit; offset < kBytes; offset += kUnit) places += Holds(offset, kNew) ? 1 : 0;
  EXPECT_EQ(places, 1);
  EXPECT_EQ(disk_.Marks(8192, kUnit), DiskImage::kDamaged);
}

TEST_F(SimulatedDeviceTest, AMisdirectedReadGivesOtherBytesAndIsRemembered) {
  for (uint64_t offset = 0; offset < kBytes; offset += kUnit) ASSERT_EQ(Write(offset, kOld), absl::OkStatus());
  ASSERT_EQ(Write(0, kNew), absl::OkStatus());
  Reset({.faults = FaultRates::Only("read is misdirected", 1)});
  Block read(Op::kRead, 0, {});
  EXPECT_EQ(Perform(&read), absl::OkStatus());
  EXPECT_EQ(read.memory.span()[0], kOld);
  EXPECT_TRUE(device_->FaultIn(0, 0, kUnit));
  EXPECT_FALSE(device_->FaultIn(0, kUnit, kUnit));
  EXPECT_FALSE(device_->FaultIn(1, 0, kUnit));
}

TEST_F(SimulatedDeviceTest, AFailedWriteSaysSo) {
  Reset({.faults = FaultRates::Only("write fails, some sectors written", 1)});
  EXPECT_TRUE(absl::IsDataLoss(Write(0, kNew)));
  EXPECT_EQ(disk_.Marks(0, kUnit), DiskImage::kDamaged);
}

TEST_F(SimulatedDeviceTest, AFailedFlushLosesWritesForGoodAndSticks) {
  Reset({.faults = FaultRates::Only("flush fails, some writes gone", 1)});
  for (uint64_t offset = 0; offset < kBytes; offset += kUnit) ASSERT_EQ(Write(offset, kNew), absl::OkStatus());
  EXPECT_TRUE(absl::IsDataLoss(Flush()));
  EXPECT_TRUE(device_->flush_failed());
  int lost = 0;
  for (uint64_t offset = 0; offset < kBytes; offset += kUnit) lost += Holds(offset, kNew) ? 0 : 1;
  EXPECT_GT(lost, 0);
  EXPECT_LT(lost, static_cast<int>(kBytes / kUnit));
  EXPECT_TRUE(absl::IsDataLoss(Flush()));
}

TEST_F(SimulatedDeviceTest, ADeviceThatShrinks) {
  device_->ShrinkTo(kBytes / 2);
  EXPECT_EQ(Write(0, kNew), absl::OkStatus());
  EXPECT_TRUE(absl::IsDataLoss(Write(kBytes / 2, kNew)));
  Block read(Op::kRead, kBytes / 2 - kUnit, kOld, 2 * kUnit);
  EXPECT_TRUE(absl::IsDataLoss(Perform(&read)));
  Reset({.bytes = kBytes / 2});
  EXPECT_EQ(device_->size(), kBytes / 2);
}

TEST_F(SimulatedDeviceTest, GarbageIsThereBeforeAnythingIsWritten) {
  disk_.FillWithGarbage(&random_);
  EXPECT_FALSE(Holds(0, std::byte{0}));
  EXPECT_EQ(disk_.Marks(0, kBytes), 0);
  ASSERT_EQ(Write(0, kNew), absl::OkStatus());
  EXPECT_TRUE(Holds(0, kNew));
}

TEST_F(SimulatedDeviceTest, TheSameSeedGivesTheSameRun) {
  const auto run = [] {
    SimulatedClock clock;
    SimulatedDisk disk(kBytes, kSector);
    SimulatedDevice device(&disk, &clock, 5, {.faults = FaultRates::Only("write is lost", 3)});
    std::deque<Block> blocks;
    for (uint64_t i = 0; i < 30; ++i) device.Submit(&blocks.emplace_back(Op::kWrite, i * kUnit, std::byte(i)));
    EXPECT_EQ(device.Close(), absl::OkStatus());
    std::vector<std::byte> bytes(kBytes);
    disk.Read(0, bytes);
    return std::pair(bytes, clock.Now());
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace slotwise
