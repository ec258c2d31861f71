// SPDX-License-Identifier: Apache-2.0
// What a store does when somebody sets the wall clock: nothing. The program's clock_gettime is this file's.
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "iouring/aligned_buffer.h"
#include "rawblock/core/clock.h"
#include "rawblock/make/format_store.h"
#include "rawblock/testing/memory_device.h"
#include "slotwise/raw_block_store.h"

namespace {

// By how much the wall clock was set.
std::atomic<int64_t> wall_clock_step_s = 0;

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const auto result = static_cast<int>(syscall(SYS_clock_gettime, clock, time));
  if (clock == CLOCK_REALTIME) time->tv_sec += wall_clock_step_s;
  return result;
}

namespace slotwise {
namespace {

constexpr uint64_t kPayloadBytes = 4096;

absl::StatusOr<std::unique_ptr<Device>> FormattedDevice(int /*wake_fd*/) {
  auto device = std::make_unique<MemoryDevice>(64 << 20);
  FormatOptions options;
  options.max_entries = 1000;
  options.salt = 7;
  if (absl::Status status = FormatStore(device.get(), options); !status.ok()) return status;
  return device;
}

TEST(WallClockTest, TheTestSetsIt) {
  const absl::Time before = absl::Now();
  wall_clock_step_s = -3600;
  EXPECT_LT(absl::Now(), before);
  wall_clock_step_s = 0;
}

// Gets are under way all the time, so that no group is written because the store has nothing else to do.
TEST(WallClockTest, ABatchedPutIsDurableWithinTheIntervalAfterTheClockWentBack) {
  std::vector<RawBlockStore::ShardSource> sources;
  sources.push_back({.name = "memory", .open = FormattedDevice});
  const std::unique_ptr<RawBlockStore> store = RawBlockStore::OpenShards(std::move(sources), {}).value();
  AlignedBuffer memory(kPayloadBytes, kPayloadBytes);
  const RawBlockStore::GetRequest get{"key", memory.span()};
  const RawBlockStore::PutRequest put{"key", memory.span()};
  const auto groups = [&] { return store->metrics().shards[0].statistics.journal_groups; };
  const absl::Time give_up = MonotonicNow() + absl::Seconds(30);
  uint64_t groups_before = 0;
  std::promise<bool> committed;
  std::function<void()> get_again = [&] {
    store->GetMany({&get, 1}, [&](const std::vector<absl::StatusOr<uint64_t>>& results) {
      EXPECT_TRUE(results[0].ok()) << results[0].status();
      const bool done = groups() > groups_before;
      if (!done && MonotonicNow() < give_up) return get_again();
      committed.set_value(done);
    });
  };
  store->PutMany({&put, 1}, {}, [&](const std::vector<absl::StatusOr<PutOutcome>>& results) {
    EXPECT_TRUE(results[0].ok()) << results[0].status();
    groups_before = groups();
    wall_clock_step_s = -3600;
    get_again();
  });
  EXPECT_TRUE(committed.get_future().get());
  wall_clock_step_s = 0;
}

}  // namespace
}  // namespace slotwise
