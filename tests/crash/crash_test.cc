// SPDX-License-Identifier: Apache-2.0
// kill -9 in the middle of a replay, again and again on the same store: what
// was acknowledged as durable is there and right, and nothing is ever wrong.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "iouring/create_file.h"
#include "iouring/open_device.h"
#include "iouring/testing/loop_device.h"
#include "iouring/testing/slow_writers.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/make/format_store.h"
#include "rawblock/make/store_check.h"
#include "rawblock/testing/temporary_store.h"
#include "tools/replay/payload_pattern.h"
#include "xxhash.h"

namespace slotwise {
namespace {

// tools/torture asks for more. Sanitizers are slow, and look for other things.
int Cycles() {
  if (const char* cycles = std::getenv("SLOTWISE_CYCLES")) return std::atoi(cycles);
  return std::getenv("SLOTWISE_SANITIZER") != nullptr ? 4 : 20;
}
constexpr uint64_t kPayloadBytesMax = 64 << 10;

// What the killed processes were promised, oldest first.
struct Acknowledged {
  std::string key;
  uint64_t payload_bytes;
};

struct StoreKind {
  uint64_t device_bytes;
  AllocatorOptions::Engine engine;
  // The newest acknowledgements of the last process that are surely there. (How
  // recently entries were used is not kept over a crash.)
  size_t surely_kept;
};
// Nothing is ever evicted.
constexpr StoreKind kRoomy = {1 << 30, AllocatorOptions::Engine::kSlab, SIZE_MAX};
// Evicts the least recently used whatever its size.
constexpr StoreKind kTight = {24 << 20, AllocatorOptions::Engine::kBuddy, 100};
// Evicts whole segments when the demand for sizes moves, so nothing is sure.
constexpr StoreKind kTightSlab = {24 << 20, AllocatorOptions::Engine::kSlab, 0};

void FormatAt(const std::string& path, const StoreKind& kind) {
  absl::StatusOr<OpenedDevice> opened = OpenDevice(path, OpenDeviceOptions());
  ASSERT_TRUE(opened.ok()) << opened.status();
  FormatOptions options;
  options.max_entries = opened->device->size() / 5000;
  const absl::StatusOr<Layout> layout = PlanLayout(options, opened->device->size(), opened->device->alignment());
  ASSERT_TRUE(layout.ok()) << layout.status();
  options.allocator = EngineOptions(kind.engine, *layout, kPayloadBytesMax);
  ASSERT_EQ(FormatStore(opened->device.get(), options), absl::OkStatus());
}

// Adds the lines of `text` that were written whole.
void AddLines(const std::string& text, std::deque<Acknowledged>* acknowledged) {
  std::vector<std::string> lines = absl::StrSplit(text, '\n');
  lines.pop_back();  // what follows the last newline
  for (const std::string& line : lines) {
    const std::pair<std::string, std::string> fields = absl::StrSplit(line, ' ');
    uint64_t bytes = 0;
    ASSERT_TRUE(absl::SimpleAtoi(fields.second, &bytes)) << line;
    acknowledged->push_back({.key = fields.first, .payload_bytes = bytes});
  }
}

// Runs the replay on `path` and kills it after about `acknowledgements` lines
// and `delay` more. `slow`, unless null, slows its writes down.
void KillAReplay(const std::string& path, uint64_t seed, size_t acknowledgements, absl::Duration delay,
                 const SlowWriters* slow, std::deque<Acknowledged>* acknowledged) {
  int out[2];
  ASSERT_EQ(pipe2(out, O_CLOEXEC), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (slow != nullptr && !slow->Join()) _exit(126);
    dup2(out[1], STDOUT_FILENO);
    execl("tests/crash/crash_replay", "crash_replay", path.c_str(), absl::StrCat(seed).c_str(), nullptr);
    _exit(127);
  }
  close(out[1]);
  std::string text;
  char buffer[65536];
  size_t lines = 0;
  bool killed = false;
  ssize_t got = 0;
  while ((got = read(out[0], buffer, sizeof(buffer))) > 0) {
    text.append(buffer, static_cast<size_t>(got));
    lines += static_cast<size_t>(std::count(buffer, buffer + got, '\n'));
    if (killed || lines < acknowledgements) continue;
    absl::SleepFor(delay);
    ASSERT_EQ(kill(child, SIGKILL), 0);
    killed = true;
  }
  close(out[0]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(killed) << "the replay ended by itself, with status " << status;
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
  AddLines(text, acknowledged);
}

// Every payload on the device is whole.
void CheckAllPayloads(Device* device) {
  const absl::StatusOr<StoreCheckReport> report = CheckStore(device, {.payloads = true}, [](uint64_t, uint64_t) {});
  ASSERT_TRUE(report.ok()) << report.status();
  for (const std::string& problem : report->problems) ADD_FAILURE() << problem;
}

void ExpectRight(RawBlockCore* core, const Acknowledged& expected) {
  std::vector<std::byte> payload(kPayloadBytesMax);
  absl::StatusOr<uint64_t> result = absl::UnknownError("");
  core->Get(expected.key, payload, [&](absl::StatusOr<uint64_t> bytes) { result = std::move(bytes); });
  while (!core->idle()) ASSERT_EQ(core->Poll(absl::Seconds(1)), absl::OkStatus());
  ASSERT_TRUE(result.ok()) << expected.key << ": " << result.status();
  ASSERT_EQ(*result, expected.payload_bytes) << expected.key;
  const uint64_t key_hash = XXH3_64bits(expected.key.data(), expected.key.size());
  ASSERT_EQ(CountWrongBytes(std::span(payload).first(*result), key_hash), 0u) << expected.key;
}

// The acknowledgements from `last_process` on are of the process just killed.
void VerifyStore(const std::string& path, const StoreKind& kind, const std::deque<Acknowledged>& acknowledged,
                 size_t last_process) {
  // The writes of the dead may take their time.
  absl::StatusOr<OpenedDevice> opened = OpenDevice(path, {.file = {.claim_wait = absl::Seconds(60)}});
  ASSERT_TRUE(opened.ok()) << opened.status();
  CheckAllPayloads(opened->device.get());
  SystemClock clock;
  const absl::StatusOr<std::unique_ptr<RawBlockCore>> core =
      RawBlockCore::Open(opened->device.get(), &clock, CoreOptions());
  ASSERT_TRUE(core.ok()) << core.status();
  const bool roomy = kind.surely_kept == SIZE_MAX;
  const size_t first = roomy ? 0 : acknowledged.size() - std::min(acknowledged.size() - last_process, kind.surely_kept);
  for (size_t i = 0; i < acknowledged.size(); ++i) {
    const std::optional<uint64_t> bytes = (*core)->Exists(acknowledged[i].key);
    ASSERT_TRUE(bytes.has_value() || i < first) << acknowledged[i].key;
    // The bytes of older ones were compared before, and their checksums now.
    if (bytes.has_value() && i >= last_process) ExpectRight(core->get(), acknowledged[i]);
  }
  (*core)->CheckInvariants();
}

void KillAndVerify(const std::string& path, const StoreKind& kind, const SlowWriters* slow = nullptr) {
  const char* given = std::getenv("SLOTWISE_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  std::printf("seed %lu; replay with --test_env=SLOTWISE_SEED=%lu\n", seed, seed);
  std::mt19937_64 random(seed);
  FormatAt(path, kind);
  std::deque<Acknowledged> acknowledged;
  for (int cycle = 0; cycle < Cycles() && !testing::Test::HasFailure(); ++cycle) {
    const size_t lines = 1 + random() % (slow == nullptr ? 700 : 40);
    const absl::Duration delay = absl::Microseconds(random() % 5000);
    const size_t last_process = acknowledged.size();
    KillAReplay(path, random() % 1'000'000, lines, delay, slow, &acknowledged);
    if (testing::Test::HasFatalFailure()) return;
    VerifyStore(path, kind, acknowledged, last_process);
  }
  EXPECT_GT(acknowledged.size(), static_cast<size_t>(Cycles()));
}

void KillAndVerifyOnFile(const StoreKind& kind) {
  const std::string path = absl::StrCat(testing::TempDir(), "/crash_store");
  std::remove(path.c_str());
  ASSERT_EQ(CreateFile(path, kind.device_bytes).status(), absl::OkStatus());
  KillAndVerify(path, kind);
  std::remove(path.c_str());
}

// What the dead process had under way takes up to seconds to land, and its successor comes at once.
void KillSlowWritersAndVerify(const StoreKind& kind) {
  if (const std::optional<std::string> reason = LoopDevice::Unavailable()) GTEST_SKIP() << *reason;
  const absl::StatusOr<std::unique_ptr<LoopDevice>> loop =
      LoopDevice::Create({.bytes = kind.device_bytes, .block_bytes = 4096, .directory = testing::TempDir()});
  ASSERT_TRUE(loop.ok()) << loop.status();
  const SlowWriters slow((*loop)->path());
  if (!slow.Limit(2 << 20)) GTEST_SKIP() << "no cgroup to slow writers down (blkio of version 1, as root)";
  KillAndVerify((*loop)->path(), kind, &slow);
}

void KillAndVerifyOnLoopDevice(const StoreKind& kind) {
  if (const std::optional<std::string> reason = LoopDevice::Unavailable()) GTEST_SKIP() << *reason;
  const absl::StatusOr<std::unique_ptr<LoopDevice>> loop =
      LoopDevice::Create({.bytes = kind.device_bytes, .block_bytes = 4096, .directory = testing::TempDir()});
  ASSERT_TRUE(loop.ok()) << loop.status();
  KillAndVerify((*loop)->path(), kind);
}

TEST(CrashFileTest, EverythingAcknowledgedIsThere) { KillAndVerifyOnFile(kRoomy); }
TEST(CrashFileTest, TheNewestInAFullStoreIsThere) { KillAndVerifyOnFile(kTight); }
TEST(CrashFileTest, WhatAFullSlabStoreKeepsIsRight) { KillAndVerifyOnFile(kTightSlab); }
TEST(CrashLoopDeviceTest, EverythingAcknowledgedIsThere) { KillAndVerifyOnLoopDevice(kRoomy); }
TEST(CrashLoopDeviceTest, EverythingAcknowledgedIsThereThoughTheDeadStillWrites) { KillSlowWritersAndVerify(kRoomy); }
TEST(CrashLoopDeviceTest, TheNewestInAFullStoreIsThere) { KillAndVerifyOnLoopDevice(kTight); }
TEST(CrashLoopDeviceTest, WhatAFullSlabStoreKeepsIsRight) { KillAndVerifyOnLoopDevice(kTightSlab); }

}  // namespace
}  // namespace slotwise
