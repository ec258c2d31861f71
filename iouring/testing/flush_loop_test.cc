// SPDX-License-Identifier: Apache-2.0
// That a flush reaches the device, which counts them.
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "gtest/gtest.h"
#include "iouring/device.h"
#include "iouring/open_device.h"
#include "iouring/testing/loop_device.h"

namespace slotwise {
namespace {

// That the device has completed: the 16th number of its statistics. -1 where the kernel, before 5.5, has none.
int64_t FlushesOf(const std::string& path) {
  std::ifstream statistics("/sys/block/" + path.substr(path.rfind('/') + 1) + "/stat");
  int64_t number = -1;
  for (int i = 0; i < 16; ++i) {
    if (!(statistics >> number)) return -1;
  }
  return number;
}

void Perform(Device* device, IoRequest::Op op, std::span<const iovec> buffers) {
  IoRequest request;
  request.op = op;
  request.buffers = buffers;
  request.done = [](IoRequest*) {};
  device->Submit(&request);
  while (device->in_flight() > 0) CHECK_EQ(device->Poll(absl::InfiniteDuration()), absl::OkStatus());
  CHECK_EQ(request.status, absl::OkStatus());
}

class FlushLoopTest : public testing::TestWithParam<IoEngine> {};

TEST_P(FlushLoopTest, EveryFlushReachesTheDevice) {
  if (const auto reason = LoopDevice::Unavailable()) GTEST_SKIP() << "skipped: " << *reason;
  const absl::Status uring = UringDevice::Available();
  if (GetParam() == IoEngine::kUring && !uring.ok()) GTEST_SKIP() << "skipped: " << uring;
  const std::unique_ptr<LoopDevice> loop =
      LoopDevice::Create({.bytes = 1 << 20, .directory = testing::TempDir()}).value();
  if (FlushesOf(loop->path()) < 0) GTEST_SKIP() << "skipped: this kernel does not count flushes";
  const OpenedDevice opened = OpenDevice(loop->path(), {.io_engine = GetParam(), .queue_depth = 4}).value();
  alignas(4096) std::byte memory[4096] = {};
  const iovec buffer[] = {{memory, sizeof(memory)}};
  const int64_t before = FlushesOf(loop->path());
  for (int flushes = 1; flushes <= 5; ++flushes) {
    Perform(opened.device.get(), IoRequest::Op::kWrite, buffer);
    EXPECT_EQ(FlushesOf(loop->path()), before + flushes - 1) << "a write flushes";
    Perform(opened.device.get(), IoRequest::Op::kFlush, {});
    EXPECT_EQ(FlushesOf(loop->path()), before + flushes);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, FlushLoopTest, testing::Values(IoEngine::kUring, IoEngine::kFile),
                         [](const testing::TestParamInfo<IoEngine>& engine) {
                           return std::string(IoEngineName(engine.param));
                         });

}  // namespace
}  // namespace slotwise
