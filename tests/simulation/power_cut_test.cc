// SPDX-License-Identifier: Apache-2.0
// What the simulation once found, each as the shortest story that shows it.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "gtest/gtest.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/disk/format.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/make/format_store.h"
#include "rawblock/make/store_check.h"
#include "rawblock/testing/temporary_store.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/seeded_random.h"
#include "tests/simulation/simulated_clock.h"
#include "tests/simulation/simulated_device.h"
#include "tests/simulation/simulated_disk.h"

namespace slotwise {
namespace {

constexpr uint64_t kDiskBytes = 4 << 20;
constexpr uint32_t kSectorBytes = 512;
constexpr int kCutsPerEvent = 20;

// A store on a simulated disk.
class PowerCutTest : public testing::Test {
 protected:
  PowerCutTest() : disk_(kDiskBytes, kSectorBytes) {
    SimulatedDevice device(&disk_, &clock_, 1, {});
    CHECK_EQ(FormatStore(&device, Format(0)), absl::OkStatus());
  }

  static FormatOptions Format(uint8_t identity) {
    FormatOptions format;
    format.max_entries = 64;
    format.uuid[0] = identity;
    format.salt = 42;
    return format;
  }

  std::unique_ptr<RawBlockCore> Open(SimulatedDevice* device) {
    absl::StatusOr<std::unique_ptr<RawBlockCore>> core = RawBlockCore::Open(device, &clock_, {});
    CHECK_EQ(core.status(), absl::OkStatus());
    return *std::move(core);
  }

  // Cuts the power in many ways after every I/O event of `run`, and hands `judge` what is left.
  void AtEveryEvent(SimulatedDevice* device, const std::function<void()>& run,
                    const std::function<void(SimulatedDisk*)>& judge) {
    device->SetObserver([&] {
      for (int cut = 0; cut < kCutsPerEvent && !HasFailure(); ++cut) {
        SimulatedDisk fork = disk_;
        fork.CutPower(&random_);
        judge(&fork);
      }
    });
    run();
    device->SetObserver(nullptr);
  }

  SimulatedClock clock_;
  SeededRandom random_{7};
  SimulatedDisk disk_;
};

void Rest(RawBlockCore* core) {
  while (!core->idle()) CHECK_EQ(core->Poll(absl::Milliseconds(1)), absl::OkStatus());
}

void Put(RawBlockCore* core, std::string_view key, const std::vector<std::byte>& payload) {
  core->Put(key, payload, {.replace = true},
            [](const absl::StatusOr<PutOutcome>& outcome) { CHECK_EQ(outcome.status(), absl::OkStatus()); });
  Rest(core);
}

absl::StatusOr<std::vector<std::byte>> Get(RawBlockCore* core, std::string_view key) {
  std::vector<std::byte> payload(core->Exists(key).value_or(0));
  absl::StatusOr<uint64_t> result = absl::UnknownError("");
  core->Get(key, payload, [&result](absl::StatusOr<uint64_t> bytes) { result = std::move(bytes); });
  Rest(core);
  if (!result.ok()) return result.status();
  return payload;
}

// The journal group of the new version must not survive without the new payload: the old one would be lost with it.
TEST_F(PowerCutTest, AReplacedPayloadIsThereOrItsSuccessorIs) {
  SimulatedDevice device(&disk_, &clock_, 2, {});
  const std::unique_ptr<RawBlockCore> core = Open(&device);
  const std::vector<std::byte> before = PatternPayload(1, 20000);
  const std::vector<std::byte> after = PatternPayload(2, 30000);
  Put(core.get(), "key", before);
  AtEveryEvent(
      &device, [&] { Put(core.get(), "key", after); },
      [&](SimulatedDisk* fork) {
        SimulatedDevice other(fork, &clock_, 3, {});
        const absl::StatusOr<std::vector<std::byte>> found = Get(Open(&other).get(), "key");
        ASSERT_TRUE(found.ok()) << found.status();
        EXPECT_TRUE(*found == before || *found == after);
      });
}

TEST_F(PowerCutTest, HealingASuperblockNeverEndangersTheOther) {
  for (uint64_t copy = 0; copy < format::kSuperblockCopies; ++copy) {
    disk_.Rot(copy * format::kSuperblockStride + 100, 3);
    SimulatedDevice device(&disk_, &clock_, 2, {});
    AtEveryEvent(
        &device, [&] { EXPECT_EQ(Open(&device)->recovery().superblock_copies_bad, 1u); },
        [&](SimulatedDisk* fork) {
          SimulatedDevice other(fork, &clock_, 3, {});
          EXPECT_EQ(RawBlockCore::Open(&other, &clock_, {}).status(), absl::OkStatus());
        });
    SimulatedDevice healed(&disk_, &clock_, 4, {});
    EXPECT_EQ(Open(&healed)->recovery().superblock_copies_bad, 0u);
  }
}

TEST_F(PowerCutTest, AnUnreadableSuperblockIsHealedFromTheOther) {
  for (uint64_t copy = 0; copy < format::kSuperblockCopies; ++copy) {
    disk_.MakeUnreadable(copy * format::kSuperblockStride, kSectorBytes);
    SimulatedDevice device(&disk_, &clock_, 2, {});
    EXPECT_EQ(Open(&device)->recovery().superblock_copies_bad, 1u);
    SimulatedDevice healed(&disk_, &clock_, 3, {});
    EXPECT_EQ(Open(&healed)->recovery().superblock_copies_bad, 0u);
  }
}

// What a power cut during a format left.
struct Outcomes {
  int unformatted = 0;
  int old_store = 0;
  int new_store = 0;
};

// At every cut there is a whole store or none, and then a format without force makes one of what was blank before.
TEST_F(PowerCutTest, AFormatOfABlankDiskLeavesAStoreOrNothing) {
  for (const uint64_t megabytes : {uint64_t{4}, uint64_t{5}}) {
    disk_ = SimulatedDisk(megabytes << 20, kSectorBytes);
    SimulatedDevice device(&disk_, &clock_, 2, {});
    Outcomes outcomes;
    AtEveryEvent(
        &device, [&] { EXPECT_EQ(FormatStore(&device, Format(1)), absl::OkStatus()); },
        [&](SimulatedDisk* fork) {
          SimulatedDevice other(fork, &clock_, 3, {});
          absl::StatusOr<std::unique_ptr<RawBlockCore>> core = RawBlockCore::Open(&other, &clock_, {});
          if (absl::IsFailedPrecondition(core.status())) {
            ++outcomes.unformatted;
            ASSERT_EQ(FormatStore(&other, Format(2)), absl::OkStatus());
            core = RawBlockCore::Open(&other, &clock_, {});
          } else {
            ++outcomes.new_store;
          }
          ASSERT_EQ(core.status(), absl::OkStatus());
          Put(core->get(), "key", PatternPayload(1, 5000));
        });
    EXPECT_GT(outcomes.unformatted, 10);
    EXPECT_GT(outcomes.new_store, 10);
  }
}

// With force it is the old store, the new one, or none; never the new one with the old one's entries.
TEST_F(PowerCutTest, AFormatOverAStoreLeavesOneOfThemOrNothing) {
  const std::vector<std::byte> payload = PatternPayload(1, 20000);
  {
    SimulatedDevice device(&disk_, &clock_, 2, {});
    const std::unique_ptr<RawBlockCore> core = Open(&device);
    Put(core.get(), "key", payload);
    ASSERT_EQ(core->Close(), absl::OkStatus());
  }
  SimulatedDevice device(&disk_, &clock_, 3, {});
  FormatOptions format = Format(1);
  format.force = true;
  Outcomes outcomes;
  AtEveryEvent(
      &device, [&] { EXPECT_EQ(FormatStore(&device, format), absl::OkStatus()); },
      [&](SimulatedDisk* fork) {
        SimulatedDevice other(fork, &clock_, 4, {});
        absl::StatusOr<std::unique_ptr<RawBlockCore>> core = RawBlockCore::Open(&other, &clock_, {});
        if (absl::IsFailedPrecondition(core.status())) {
          ++outcomes.unformatted;
          FormatOptions again = format;
          again.salt = 43;  // as from a random source
          ASSERT_EQ(FormatStore(&other, again), absl::OkStatus());
          core = RawBlockCore::Open(&other, &clock_, {});
        }
        ASSERT_EQ(core.status(), absl::OkStatus());
        const bool is_old = (*core)->header().uuid == Uuid{};
        ++(is_old ? outcomes.old_store : outcomes.new_store);
        const absl::StatusOr<std::vector<std::byte>> found = Get(core->get(), "key");
        EXPECT_EQ(found.status().code(), is_old ? absl::StatusCode::kOk : absl::StatusCode::kNotFound);
        EXPECT_TRUE(!found.ok() || *found == payload);
      });
  EXPECT_GT(outcomes.unformatted, 10);
  EXPECT_GT(outcomes.old_store, 10);
  EXPECT_GT(outcomes.new_store, 10);
}

// A killed process leaves a group that was written and not flushed. The next one must make it durable before it writes
// anything: a power cut could take the first and keep the second, which looks like damage.
TEST_F(PowerCutTest, ARestartFlushesWhatAKilledProcessLeftBeforeItWrites) {
  std::vector<SimulatedDisk> killed;
  {
    SimulatedDevice device(&disk_, &clock_, 2, {.queue_depth = 1});
    const std::unique_ptr<RawBlockCore> core = Open(&device);
    uint64_t ended = disk_.BeginFlush();
    device.SetObserver([&] {
      if (disk_.BeginFlush() == ended) return;
      ended = disk_.BeginFlush();
      killed.push_back(disk_);  // a write has just ended, and nothing else is in flight: killed here
    });
    for (int i = 0; i < 3; ++i) {
      const std::vector<std::byte> payload = PatternPayload(i, 5000);
      const std::string key = "key" + std::to_string(i);
      core->Put(key, payload, {.durability = Durability::kDurable}, [](const absl::StatusOr<PutOutcome>&) {});
      Rest(core.get());
    }
    device.SetObserver(nullptr);
  }
  ASSERT_GT(killed.size(), 5u);
  int cuts = 0;
  for (SimulatedDisk& left : killed) {
    disk_ = left;
    SimulatedDevice device(&disk_, &clock_, 3, {.queue_depth = 1});
    AtEveryEvent(
        &device, [&] { EXPECT_EQ(Open(&device)->recovery().entries_dropped, 0u); },
        [&](SimulatedDisk* fork) {
          SimulatedDevice other(fork, &clock_, 4, {});
          const auto report = CheckStore(&other, {.payloads = true}, [](uint64_t, uint64_t) {});
          ASSERT_EQ(report.status(), absl::OkStatus());
          EXPECT_TRUE(report->ok()) << report->problems.front();
          ++cuts;
        });
  }
  EXPECT_GT(cuts, 500);
}

// The operator is in trouble already when he repairs a store.
TEST_F(PowerCutTest, ARepairNeverEndangersWhatIsThere) {
  constexpr int kPuts = 6;
  Layout layout;
  {
    SimulatedDevice device(&disk_, &clock_, 2, {});
    const std::unique_ptr<RawBlockCore> core = Open(&device);
    layout = core->header().layout;
    for (int i = 0; i < kPuts; ++i) Put(core.get(), "key" + std::to_string(i), PatternPayload(i, 5000));
    const absl::StatusOr<std::vector<std::byte>> last = Get(core.get(), "key0");
    ASSERT_TRUE(last.ok());
  }
  disk_.Rot(100, 3);                                                  // a superblock copy
  disk_.Rot(layout.journal_offset + format::kGroupBytesMax + 70, 1);  // the first group of the session
  SimulatedDevice device(&disk_, &clock_, 3, {});
  AtEveryEvent(
      &device,
      [&] {
        const auto report = CheckStore(&device, {.repair = true}, [](uint64_t, uint64_t) {});
        ASSERT_EQ(report.status(), absl::OkStatus());
        EXPECT_TRUE(report->repaired);
      },
      [&](SimulatedDisk* fork) {
        SimulatedDevice other(fork, &clock_, 4, {});
        const auto again = CheckStore(&other, {.repair = true}, [](uint64_t, uint64_t) {});
        ASSERT_EQ(again.status(), absl::OkStatus());
        EXPECT_GE(Open(&other)->occupancy().entries, static_cast<uint64_t>(kPuts - 1));
      });
}

// A store that turns read-only while a checkpoint is under way once never came to rest.
TEST_F(PowerCutTest, CloseReturnsWhicheverFlushFails) {
  int failed = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) {
    SimulatedDisk disk = disk_;
    SimulatedDevice device(&disk, &clock_, seed, {.faults = FaultRates::Only("flush fails, some writes gone", 5)});
    absl::StatusOr<std::unique_ptr<RawBlockCore>> core = RawBlockCore::Open(&device, &clock_, {});
    if (!core.ok()) continue;
    const std::vector<std::byte> payload = PatternPayload(1, 5000);
    (*core)->Put("key", payload, {}, [](const absl::StatusOr<PutOutcome>&) {});
    failed += (*core)->Close().ok() ? 0 : 1;
  }
  EXPECT_GT(failed, 10);
}

}  // namespace
}  // namespace slotwise
