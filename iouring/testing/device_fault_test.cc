// SPDX-License-Identifier: Apache-2.0
// Real causes of errors, without root, under both engines: a file system that
// is full, a file that may not grow, a device that goes away. What needs no
// preparation of the process is in device_conformance.cc.
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
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
#include "iouring/create_file.h"
#include "iouring/device.h"
#include "iouring/open_device.h"
#include "iouring/testing/child_process.h"
#include "iouring/uring_device.h"

namespace slotwise {
namespace {

constexpr size_t kBlockBytes = 256 << 10;
constexpr uint64_t kBlocks = 16;
constexpr uint64_t kRoomBytes = 4 * kBlockBytes;  // less than the device claims to hold

void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

class DeviceFaultTest : public testing::TestWithParam<IoEngine> {
 protected:
  void SetUp() override {
    const absl::Status uring = UringDevice::Available();
    if (GetParam() == IoEngine::kUring && !uring.ok()) GTEST_SKIP() << "skipped: " << uring;
    ASSERT_EQ(::mkdir(directory_.c_str(), 0700), 0);
  }
  void TearDown() override {
    ::unlink(path_.c_str());
    ::rmdir(directory_.c_str());
  }

  // A file of kBlocks blocks for which nothing is reserved.
  std::unique_ptr<Device> Open() const {
    Write(path_, "");
    PCHECK(::truncate(path_.c_str(), kBlocks * kBlockBytes) == 0);
    absl::StatusOr<OpenedDevice> opened =
        OpenDevice(path_, {.file = {.buffered = true}, .io_engine = GetParam(), .queue_depth = 4});
    CHECK(opened.ok()) << opened.status();
    return std::move(opened->device);
  }

  const std::string directory_ = testing::TempDir() + "/device_fault_test";
  const std::string path_ = directory_ + "/device";
};

struct Block : IoRequest {
  iovec buffer = {};
};

// Asks for every block at a time, and waits.
void PerformAll(Device* device, IoRequest::Op op, std::span<std::byte> memory, std::array<Block, kBlocks>* blocks) {
  for (size_t i = 0; i < blocks->size(); ++i) {
    Block& block = (*blocks)[i];
    block.op = op;
    block.offset = i * kBlockBytes;
    block.buffer = {memory.data(), kBlockBytes};
    block.buffers = {&block.buffer, 1};
    block.done = [](IoRequest*) {};
    device->Submit(&block);
  }
  while (device->in_flight() > 0) CHECK_EQ(device->Poll(absl::InfiniteDuration()), absl::OkStatus());
}

// Some of the writes fit and are there; all others fail with `code`; and the device goes on to work.
void ExpectRoomForSome(Device* device, absl::StatusCode code) {
  const BufferClass classes[] = {{.bytes = kBlockBytes, .count = 1}};
  const std::unique_ptr<BufferPool> pool = *BufferPool::Create(classes, 4096);
  const std::span<std::byte> memory = pool->arena();
  std::array<Block, kBlocks> blocks;
  std::ranges::fill(memory, std::byte{0x77});
  PerformAll(device, IoRequest::Op::kWrite, memory, &blocks);
  size_t written = 0;
  for (const Block& block : blocks) {
    EXPECT_TRUE(block.status.ok() || block.status.code() == code) << block.status;
    written += block.status.ok() ? 1 : 0;
  }
  EXPECT_GT(written, 0u);
  EXPECT_LE(written, kRoomBytes / kBlockBytes);
  PerformAll(device, IoRequest::Op::kRead, memory, &blocks);
  for (const Block& block : blocks) EXPECT_EQ(block.status, absl::OkStatus());
}

TEST_P(DeviceFaultTest, AFullFileSystemIsExhausted) {
  const int code = InChild([this] {
    if (!EnterMountNamespace()) std::_Exit(kSkipped);
    const std::string options = "size=" + std::to_string(kRoomBytes) + ",mode=700";
    if (::mount("none", directory_.c_str(), "tmpfs", 0, options.c_str()) != 0) std::_Exit(kSkipped);
    EXPECT_TRUE(absl::IsResourceExhausted(
        CreateFile(directory_ + "/reserved", kBlocks * kBlockBytes, {.buffered = true}).status()));
    const std::unique_ptr<Device> device = Open();
    ExpectRoomForSome(device.get(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(device->Close(), absl::OkStatus());
  });
  if (code == kSkipped) GTEST_SKIP() << "skipped: may not mount a tmpfs, even in a namespace of its own";
  EXPECT_EQ(code, 0);
}

// With a flush at last, of which a worker of the ring has the file.
TEST_P(DeviceFaultTest, TheFileSystemOfAClosedDeviceCanBeUnmountedAtOnce) {
  const int code = InChild([this] {
    if (!EnterMountNamespace()) std::_Exit(kSkipped);
    const BufferClass classes[] = {{.bytes = kBlockBytes, .count = 1}};
    const std::unique_ptr<BufferPool> pool = *BufferPool::Create(classes, 4096);
    std::array<Block, kBlocks> blocks;
    for (int round = 0; round < 20; ++round) {
      if (::mount("none", directory_.c_str(), "tmpfs", 0, "mode=700") != 0) std::_Exit(kSkipped);
      const std::unique_ptr<Device> device = Open();
      PerformAll(device.get(), IoRequest::Op::kWrite, pool->arena(), &blocks);
      IoRequest flush;
      flush.op = IoRequest::Op::kFlush;
      flush.done = [](IoRequest*) {};
      device->Submit(&flush);
      EXPECT_EQ(device->Close(), absl::OkStatus());
      EXPECT_EQ(::umount2(directory_.c_str(), 0), 0) << "round " << round;
    }
  });
  if (code == kSkipped) GTEST_SKIP() << "skipped: may not mount a tmpfs, even in a namespace of its own";
  EXPECT_EQ(code, 0);
}

TEST_P(DeviceFaultTest, AFileThatMayNotGrowIsOutOfRange) {
  EXPECT_EQ(InChild([this] {
              const std::unique_ptr<Device> device = Open();
              const rlimit limit = {.rlim_cur = kRoomBytes, .rlim_max = kRoomBytes};
              PCHECK(::signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
              PCHECK(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
              ExpectRoomForSome(device.get(), absl::StatusCode::kOutOfRange);
            }),
            0);
}

// The file is gone from its directory and every byte of it too.
TEST_P(DeviceFaultTest, ADeviceWithoutBytesHasEnded) {
  const std::unique_ptr<Device> device = Open();
  ASSERT_EQ(::truncate(path_.c_str(), 0), 0);
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  const BufferClass classes[] = {{.bytes = kBlockBytes, .count = 1}};
  const std::unique_ptr<BufferPool> pool = *BufferPool::Create(classes, 4096);
  std::array<Block, kBlocks> blocks;
  PerformAll(device.get(), IoRequest::Op::kRead, pool->arena(), &blocks);
  for (const Block& block : blocks) EXPECT_TRUE(absl::IsDataLoss(block.status)) << block.status;
  EXPECT_EQ(device->Close(), absl::OkStatus());
}

INSTANTIATE_TEST_SUITE_P(Engines, DeviceFaultTest, testing::Values(IoEngine::kUring, IoEngine::kFile),
                         [](const testing::TestParamInfo<IoEngine>& engine) {
                           return std::string(IoEngineName(engine.param));
                         });

}  // namespace
}  // namespace slotwise
