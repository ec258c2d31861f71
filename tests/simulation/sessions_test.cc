// SPDX-License-Identifier: Apache-2.0
// Two sessions on one disk: of a process that died and its successor, and of two hosts. Nothing between them but the
// disk: as where a claim does not reach.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/make/format_store.h"
#include "rawblock/make/store_check.h"
#include "rawblock/testing/temporary_store.h"
#include "tests/simulation/seeded_random.h"
#include "tests/simulation/simulated_clock.h"
#include "tests/simulation/simulated_device.h"
#include "tests/simulation/simulated_disk.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;

constexpr size_t kPayloadBytes = 5000;

class SessionsTest : public ::testing::Test {
 protected:
  SessionsTest() : disk_(8 << 20, 512) {
    SimulatedDevice device(&disk_, &clock_, 1, {});
    FormatOptions format;
    format.max_entries = 200;
    format.salt = 42;
    format.allocator.engine = AllocatorOptions::Engine::kExtent;
    CHECK_EQ(FormatStore(&device, format), absl::OkStatus());
  }

  static std::string Key(const std::string& who, int i) { return absl::StrCat(who, i); }
  static std::vector<std::byte> Payload(const std::string& key) {
    return PatternPayload(std::hash<std::string>()(key), kPayloadBytes);
  }
  std::unique_ptr<RawBlockCore> Open(SimulatedDevice* device) {
    absl::StatusOr<std::unique_ptr<RawBlockCore>> core = RawBlockCore::Open(device, &clock_, {.session = ++session_});
    CHECK_EQ(core.status(), absl::OkStatus());
    return *std::move(core);
  }
  static void Rest(RawBlockCore* core) {
    while (!core->idle()) CHECK_EQ(core->Poll(absl::Milliseconds(1)), absl::OkStatus());
  }
  static absl::Status Put(RawBlockCore* core, const std::string& key) {
    const std::vector<std::byte> payload = Payload(key);
    absl::Status status = absl::UnknownError("");
    core->Put(key, payload, {.durability = Durability::kDurable},
              [&](const absl::StatusOr<PutOutcome>& outcome) { status = outcome.status(); });
    Rest(core);
    return status;
  }
  static absl::Status Checkpoint(RawBlockCore* core) {
    absl::Status status = absl::UnknownError("");
    core->Checkpoint([&](const absl::Status& done) { status = done; });
    Rest(core);
    return status;
  }
  // A miss, or damage; never wrong bytes.
  static bool Has(RawBlockCore* core, const std::string& key) {
    std::vector<std::byte> payload(kPayloadBytes);
    absl::Status status = absl::UnknownError("");
    core->Get(key, payload, [&](const absl::StatusOr<uint64_t>& bytes) { status = bytes.status(); });
    Rest(core);
    EXPECT_TRUE(!status.ok() || payload == Payload(key)) << "wrong bytes";
    return status.ok();
  }

  SimulatedClock clock_;
  SeededRandom random_{7};
  SimulatedDisk disk_;
  uint64_t session_ = 0;
};

// What a dead process had begun lands at any moment of its successor's life, and after it: nothing of the successor's
// that is durable, nor of the dead one's, is lost to a late group.
TEST_F(SessionsTest, LateJournalWritesOfADeadProcessAreNoise) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SimulatedDisk disk = disk_;
    std::vector<std::string> durable;
    std::vector<SimulatedDisk::WriteId> late;
    {
      SimulatedDevice device(&disk, &clock_, seed, {.queue_depth = 4});
      const std::unique_ptr<RawBlockCore> dead = Open(&device);
      for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(Put(dead.get(), Key("dead", i)), absl::OkStatus());
        durable.push_back(Key("dead", i));
      }
      // Killed while the group of a removal is on its way: no payload of the dead is.
      dead->Remove("dead0", {.durability = Durability::kDurable}, [](const absl::Status&) {});
      for (uint64_t polls = random_.Below(4); polls > 0; --polls) {
        ASSERT_EQ(dead->Poll(absl::ZeroDuration()), absl::OkStatus());
      }
      device.Die();
      late = device.late_writes();
    }
    durable.erase(durable.begin());  // it may be gone
    const auto land = [&] {
      if (late.empty() || !random_.OneIn(20)) return;
      disk.EndLate(late.back(), &random_);
      late.pop_back();
    };
    SimulatedDevice device(&disk, &clock_, seed + 1000, {.queue_depth = 4});
    device.SetObserver(land);
    {
      const std::unique_ptr<RawBlockCore> living = Open(&device);
      for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(Put(living.get(), Key("living", i)), absl::OkStatus());
        durable.push_back(Key("living", i));
      }
      while (!late.empty()) {
        disk.EndLate(late.back(), &random_);
        late.pop_back();
      }
      device.SetObserver(nullptr);
    }
    SimulatedDevice last(&disk, &clock_, seed + 2000, {});
    const auto report = CheckStore(&last, {.payloads = true}, [](uint64_t, uint64_t) {});
    ASSERT_EQ(report.status(), absl::OkStatus());
    EXPECT_TRUE(report->ok()) << "seed " << seed << ": " << report->problems.front();
    const std::unique_ptr<RawBlockCore> core = Open(&last);
    for (const std::string& key : durable) EXPECT_TRUE(Has(core.get(), key)) << "seed " << seed << ": " << key;
  }
}

// The one that opened first notices before it writes a checkpoint, and stops; what the other was told of is kept.
TEST_F(SessionsTest, OfTwoHostsTheFirstStopsAtItsNextCheckpoint) {
  SimulatedDevice first_device(&disk_, &clock_, 2, {});
  SimulatedDevice second_device(&disk_, &clock_, 3, {});
  const std::unique_ptr<RawBlockCore> first = Open(&first_device);
  ASSERT_EQ(Put(first.get(), "before"), absl::OkStatus());
  const std::unique_ptr<RawBlockCore> second = Open(&second_device);
  EXPECT_TRUE(Has(second.get(), "before"));
  EXPECT_EQ(Checkpoint(first.get()).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(first->writable().message()), HasSubstr("another session has opened this store"));
  EXPECT_TRUE(absl::IsFailedPrecondition(Put(first.get(), "late")));
  EXPECT_TRUE(Has(first.get(), "before"));
  ASSERT_EQ(Put(second.get(), "after"), absl::OkStatus());
  EXPECT_EQ(second->Close(), absl::OkStatus());
}

// Both put at the same time, in the same blocks: somebody's payloads are overwritten, and are misses. What is there is
// right, the store opens, and says so.
TEST_F(SessionsTest, TwoHostsAtOnceNeverGiveWrongBytes) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SimulatedDisk disk = disk_;
    SimulatedDevice first_device(&disk, &clock_, seed, {});
    SimulatedDevice second_device(&disk, &clock_, seed + 1000, {});
    const std::unique_ptr<RawBlockCore> first = Open(&first_device);
    const std::unique_ptr<RawBlockCore> second = Open(&second_device);
    for (int i = 0; i < 30; ++i) {
      RawBlockCore* const core = random_.OneIn(2) ? first.get() : second.get();
      Put(core, Key(core == first.get() ? "first" : "second", i)).IgnoreError();
      if (random_.OneIn(6)) Checkpoint(core).IgnoreError();
    }
    for (int i = 0; i < 30; ++i) {
      for (RawBlockCore* core : {first.get(), second.get()}) Has(core, Key("first", i)), Has(core, Key("second", i));
    }
    SimulatedDevice third_device(&disk, &clock_, seed + 2000, {});
    const std::unique_ptr<RawBlockCore> third = Open(&third_device);
    third->CheckInvariants();
    for (int i = 0; i < 30; ++i) Has(third.get(), Key("first", i)), Has(third.get(), Key("second", i));
    EXPECT_EQ(Put(third.get(), "later"), absl::OkStatus());
    EXPECT_EQ(third->Close(), absl::OkStatus());
  }
}

}  // namespace
}  // namespace slotwise
