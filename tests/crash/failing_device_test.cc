// SPDX-License-Identifier: Apache-2.0
// Real devices that fail under load: a store that is full, a file system that is,
// a block device that goes away. Each put that fails says why, no acknowledged
// one is lost, and what can be read is served rightly.
#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "allocator/allocator_options.h"
#include "glog/logging.h"
#include "gtest/gtest.h"
#include "iouring/open_device.h"
#include "iouring/testing/loop_device.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"
#include "rawblock/make/format_store.h"
#include "rawblock/testing/temporary_store.h"

namespace slotwise {
namespace {

constexpr uint64_t kDeviceBytes = 64 << 20;
constexpr size_t kPayloadBytes = 100000;
constexpr int kInFlight = 16;
constexpr int kSkipped = 77;

std::string Key(int i) { return absl::StrCat("key ", i); }

// Durable puts, several at a time, and what became of them.
class Load {
 public:
  explicit Load(RawBlockCore* core) : core_(core) {}

  // Puts until one fails or `count` are acknowledged.
  void PutUntilFailure(int count) {
    while (failure_.ok() && acknowledged_.size() < static_cast<size_t>(count)) {
      while (in_flight_ < kInFlight) StartPut();
      CHECK_EQ(core_->Poll(absl::Seconds(1)), absl::OkStatus());
    }
  }
  void Finish() {
    while (in_flight_ > 0) CHECK_EQ(core_->Poll(absl::Seconds(1)), absl::OkStatus());
  }

  const std::vector<int>& acknowledged() const { return acknowledged_; }
  // Of the first put that failed.
  const absl::Status& failure() const { return failure_; }

 private:
  void StartPut() {
    const int i = next_++;
    payloads_.push_back(PatternPayload(i, kPayloadBytes));
    ++in_flight_;
    core_->Put(keys_.emplace_back(Key(i)), payloads_.back(), {.durability = Durability::kDurable},
               [this, i](const absl::StatusOr<PutOutcome>& outcome) {
                 --in_flight_;
                 if (outcome.ok()) {
                   acknowledged_.push_back(i);
                 } else if (failure_.ok()) {
                   failure_ = outcome.status();
                 }
               });
  }

  RawBlockCore* const core_;
  std::deque<std::string> keys_;  // puts under way borrow these and payloads_
  std::vector<std::vector<std::byte>> payloads_;
  std::vector<int> acknowledged_;
  absl::Status failure_;
  int next_ = 0;
  int in_flight_ = 0;
};

// The status of the get; never wrong bytes.
absl::Status Get(RawBlockCore* core, int i) {
  std::vector<std::byte> payload(kPayloadBytes);
  absl::Status status = absl::UnknownError("not done");
  core->Get(Key(i), payload, [&](const absl::StatusOr<uint64_t>& bytes) { status = bytes.status(); });
  while (absl::IsUnknown(status)) CHECK_EQ(core->Poll(absl::Seconds(1)), absl::OkStatus());
  if (status.ok()) {
    EXPECT_EQ(payload, PatternPayload(i, kPayloadBytes)) << i;
  }
  return status;
}

void ExpectAllServed(RawBlockCore* core, const std::vector<int>& keys) {
  for (const int i : keys) EXPECT_EQ(Get(core, i), absl::OkStatus()) << i;
}

void Format(Device* device) {
  FormatOptions options;
  options.max_entries = 4096;
  options.allocator.engine = AllocatorOptions::Engine::kExtent;
  CHECK_EQ(FormatStore(device, options), absl::OkStatus());
}

// A store on a device that is held open.
struct OpenStore {
  explicit OpenStore(const std::string& path, bool buffered, bool format) {
    opened = OpenDevice(path, {.file = {.buffered = buffered}}).value();
    if (format) Format(opened.device.get());
    core = RawBlockCore::Open(opened.device.get(), &clock, {.policy = EvictionPolicyKind::kNone}).value();
  }

  SystemClock clock;
  OpenedDevice opened;
  std::unique_ptr<RawBlockCore> core;
};

void MakeSparseFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  PCHECK(fd >= 0) << path;
  PCHECK(ftruncate(fd, kDeviceBytes) == 0);
  PCHECK(close(fd) == 0);
}

TEST(FailingDeviceTest, AStoreThatIsFullRefusesAndKeepsWhatItHas) {
  const std::string path = testing::TempDir() + "/full_store";
  MakeSparseFile(path);
  {
    OpenStore store(path, /*buffered=*/false, /*format=*/true);
    Load load(store.core.get());
    load.PutUntilFailure(1 << 20);
    load.Finish();
    EXPECT_TRUE(absl::IsResourceExhausted(load.failure())) << load.failure();
    EXPECT_EQ(store.core->writable(), absl::OkStatus());
    EXPECT_GT(load.acknowledged().size() * kPayloadBytes, kDeviceBytes / 2);
    ExpectAllServed(store.core.get(), load.acknowledged());
  }
  unlink(path.c_str());
}

void RunOnFullFileSystem(const std::string& directory) {
  CHECK_EQ(mount("none", directory.c_str(), "tmpfs", 0, "size=24M,mode=700"), 0);
  const std::string path = directory + "/store";
  MakeSparseFile(path);
  std::vector<int> acknowledged;
  {
    OpenStore store(path, /*buffered=*/true, /*format=*/true);
    Load load(store.core.get());
    load.PutUntilFailure(1 << 20);
    load.Finish();
    EXPECT_TRUE(absl::IsResourceExhausted(load.failure()) || absl::IsFailedPrecondition(load.failure()))
        << load.failure();
    acknowledged = load.acknowledged();
    EXPECT_GT(acknowledged.size(), 100u);
    ExpectAllServed(store.core.get(), acknowledged);
  }
  CHECK_EQ(mount("none", directory.c_str(), "tmpfs", MS_REMOUNT, "size=96M"), 0);
  OpenStore store(path, /*buffered=*/true, /*format=*/false);
  ExpectAllServed(store.core.get(), acknowledged);
}

TEST(FailingDeviceTest, AFileSystemThatIsFullLosesNothing) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to mount a tmpfs";
  const std::string directory = testing::TempDir() + "/full_file_system";
  ASSERT_EQ(mkdir(directory.c_str(), 0700), 0);
  const pid_t child = fork();
  PCHECK(child >= 0);
  if (child == 0) {
    const bool own = unshare(CLONE_NEWNS) == 0 && mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    if (!own) _exit(kSkipped);
    RunOnFullFileSystem(directory);
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  PCHECK(waitpid(child, &status, 0) == child);
  rmdir(directory.c_str());
  ASSERT_TRUE(WIFEXITED(status)) << status;
  if (WEXITSTATUS(status) == kSkipped) GTEST_SKIP() << "may not make a mount namespace";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

// Takes all but the first block from a loop device that is in use; the file
// behind it stays as it is.
void TakeAway(const LoopDevice& loop) {
  const int fd = open(loop.path().c_str(), O_RDWR | O_CLOEXEC);
  PCHECK(fd >= 0) << loop.path();
  loop_info64 info;
  PCHECK(ioctl(fd, LOOP_GET_STATUS64, &info) == 0);
  info.lo_sizelimit = 4096;
  PCHECK(ioctl(fd, LOOP_SET_STATUS64, &info) == 0);
  PCHECK(close(fd) == 0);
}

TEST(FailingLoopDeviceTest, ADeviceThatGoesAwayUnderLoadLosesNothing) {
  if (const std::optional<std::string> reason = LoopDevice::Unavailable()) GTEST_SKIP() << *reason;
  const absl::StatusOr<std::unique_ptr<LoopDevice>> loop =
      LoopDevice::Create({.bytes = kDeviceBytes, .block_bytes = 4096, .directory = testing::TempDir()});
  ASSERT_TRUE(loop.ok()) << loop.status();
  std::vector<int> acknowledged;
  {
    OpenStore store((*loop)->path(), /*buffered=*/false, /*format=*/true);
    Load load(store.core.get());
    load.PutUntilFailure(300);
    TakeAway(**loop);
    load.PutUntilFailure(1 << 20);
    load.Finish();
    // The kernel has no better word for a write behind the end of a device than ENOSPC.
    EXPECT_TRUE(absl::IsDataLoss(load.failure()) || absl::IsFailedPrecondition(load.failure()) ||
                absl::IsResourceExhausted(load.failure()))
        << load.failure();
    EXPECT_TRUE(absl::IsFailedPrecondition(store.core->writable()));
    acknowledged = load.acknowledged();
    const absl::Status read = Get(store.core.get(), acknowledged.front());
    EXPECT_TRUE(absl::IsDataLoss(read)) << read;
    EXPECT_FALSE(store.core->Close().ok());
  }
  (*loop)->Detach();
  OpenStore store((*loop)->backing_path(), /*buffered=*/false, /*format=*/false);
  ExpectAllServed(store.core.get(), acknowledged);
}

}  // namespace
}  // namespace slotwise
