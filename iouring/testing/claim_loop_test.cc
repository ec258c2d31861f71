// SPDX-License-Identifier: Apache-2.0
// When the claim of a block device ends: with the last write of a process that was killed, and with Close.
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "gtest/gtest.h"
#include "iouring/buffer_pool.h"
#include "iouring/device.h"
#include "iouring/device_file.h"
#include "iouring/open_device.h"
#include "iouring/testing/child_process.h"
#include "iouring/testing/loop_device.h"
#include "iouring/testing/slow_writers.h"
#include "slotwise/unique_fd.h"

namespace slotwise {
namespace {

constexpr size_t kBlockBytes = 64 << 10;
constexpr size_t kBlocks = 16;
const DeviceFileOptions kAtOnce{.claim_wait = absl::ZeroDuration()};

struct Block : IoRequest {
  iovec buffer = {};
};

// Asks for every block.
void SubmitAll(Device* device, IoRequest::Op op, std::span<std::byte> memory, std::deque<Block>* blocks) {
  for (size_t i = 0; i < kBlocks; ++i) {
    Block& block = blocks->emplace_back();
    block.op = op;
    block.offset = i * kBlockBytes;
    block.buffer = {memory.data() + i * kBlockBytes, kBlockBytes};
    block.buffers = {&block.buffer, 1};
    block.done = [](IoRequest*) {};
    device->Submit(&block);
  }
}

std::unique_ptr<BufferPool> MakePool() {
  const BufferClass classes[] = {{.bytes = kBlocks * kBlockBytes, .count = 1}};
  return *BufferPool::Create(classes, 4096);
}

class ClaimLoopTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto reason = LoopDevice::Unavailable()) GTEST_SKIP() << "skipped: " << *reason;
    const absl::Status uring = UringDevice::Available();
    if (!uring.ok()) GTEST_SKIP() << "skipped: " << uring;
    loop_ = LoopDevice::Create({.bytes = 16 << 20, .directory = testing::TempDir()}).value();
  }

  std::unique_ptr<LoopDevice> loop_;
};

// Hands the kernel writes of all blocks and reports how many are in flight.
[[noreturn]] void WriteSlowly(const std::string& path, const SlowWriters& group, int report) {
  if (!group.Join()) std::_Exit(kSkipped);
  const OpenedDevice opened = OpenDevice(path, {.io_engine = IoEngine::kUring}).value();
  const std::unique_ptr<BufferPool> pool = MakePool();
  std::ranges::fill(pool->arena(), std::byte{0xdd});
  std::deque<Block> blocks;
  SubmitAll(opened.device.get(), IoRequest::Op::kWrite, pool->arena(), &blocks);
  CHECK_EQ(opened.device->Poll(absl::ZeroDuration()), absl::OkStatus());
  const char in_flight = static_cast<char>(opened.device->in_flight());
  PCHECK(::write(report, &in_flight, 1) == 1);
  for (;;) ::pause();
}

// True if every block is what the killed process wrote.
bool AllLanded(Device* device) {
  const std::unique_ptr<BufferPool> pool = MakePool();
  std::deque<Block> blocks;
  SubmitAll(device, IoRequest::Op::kRead, pool->arena(), &blocks);
  while (device->in_flight() > 0) CHECK_EQ(device->Poll(absl::InfiniteDuration()), absl::OkStatus());
  return std::ranges::all_of(pool->arena(), [](std::byte byte) { return byte == std::byte{0xdd}; });
}

// Else they would land on what its successor writes.
TEST_F(ClaimLoopTest, AKilledProcessHasTheDeviceUntilItsWritesHaveLanded) {
  const SlowWriters group(loop_->path());
  if (!group.Limit(4096)) GTEST_SKIP() << "skipped: no cgroup to slow writers down (blkio of version 1, as root)";
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) WriteSlowly(loop_->path(), group, ends[1]);
  ::close(ends[1]);
  char in_flight = 0;
  const ssize_t heard = ::read(ends[0], &in_flight, 1);
  ::close(ends[0]);
  ::kill(child, SIGKILL);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (heard == 0 && WIFEXITED(status)) GTEST_SKIP() << "skipped: may not join a cgroup";
  ASSERT_GT(in_flight, 0);
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenDevice(loop_->path(), {.file = kAtOnce}).status()));
  const DeviceFileOptions soon{.claim_wait = absl::Milliseconds(20)};
  EXPECT_TRUE(absl::IsFailedPrecondition(OpenDevice(loop_->path(), {.file = soon}).status()));
  ASSERT_TRUE(group.Limit(0));
  const absl::StatusOr<OpenedDevice> successor =
      OpenDevice(loop_->path(), {.file = {.claim_wait = absl::InfiniteDuration()}});
  ASSERT_TRUE(successor.ok()) << successor.status();
  EXPECT_TRUE(AllLanded(successor->device.get()));
}

TEST_F(ClaimLoopTest, AClosedDeviceIsFreeAtOnceThoughAForkLives) {
  const std::unique_ptr<BufferPool> pool = MakePool();
  for (int round = 0; round < 30; ++round) {
    const OpenedDevice opened = OpenDevice(loop_->path(), {.file = kAtOnce, .io_engine = IoEngine::kUring}).value();
    std::deque<Block> blocks;
    SubmitAll(opened.device.get(), IoRequest::Op::kWrite, pool->arena(), &blocks);
    blocks.emplace_back();
    blocks.back().op = IoRequest::Op::kFlush;
    blocks.back().done = [](IoRequest*) {};
    opened.device->Submit(&blocks.back());
    ASSERT_EQ(opened.device->Poll(absl::InfiniteDuration()), absl::OkStatus());
    const pid_t child = ::fork();
    if (child == 0) {
      for (;;) ::pause();
    }
    EXPECT_EQ(opened.device->Close(), absl::OkStatus());
    const UniqueFd exclusive(::open(loop_->path().c_str(), O_RDONLY | O_EXCL | O_CLOEXEC));
    EXPECT_TRUE(exclusive.valid()) << "round " << round;
    ::kill(child, SIGKILL);
    EXPECT_EQ(::waitpid(child, nullptr, 0), child);
  }
}

// Waiting would be for ever.
TEST_F(ClaimLoopTest, AMountedDeviceIsRefusedAtOnce) {
  if (std::system(("PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q " + loop_->path() + " >/dev/null 2>&1").c_str()) != 0) {
    GTEST_SKIP() << "skipped: no mkfs.ext4";
  }
  const std::string folder = testing::TempDir() + "/claim_loop_test";
  ASSERT_EQ(::mkdir(folder.c_str(), 0700), 0);
  const int code = InChild([&] {
    if (!EnterMountNamespace()) std::_Exit(kSkipped);
    if (::mount(loop_->path().c_str(), folder.c_str(), "ext4", 0, nullptr) != 0) std::_Exit(kSkipped);
    const absl::Status refused = DeviceFile::Open(loop_->path(), {.claim_wait = absl::InfiniteDuration()}).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
    EXPECT_EQ(::umount2(folder.c_str(), 0), 0);
  });
  ::rmdir(folder.c_str());
  if (code == kSkipped) GTEST_SKIP() << "skipped: may not mount";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace slotwise
