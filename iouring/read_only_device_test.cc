// SPDX-License-Identifier: Apache-2.0
#include "iouring/read_only_device.h"

#include <array>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "iouring/open_device.h"

namespace slotwise {
namespace {

struct Counted : IoRequest {
  int calls = 0;
};

void CountCall(IoRequest* request) { ++static_cast<Counted*>(request)->calls; }

class ReadOnlyDeviceTest : public testing::Test {
 protected:
  ReadOnlyDeviceTest() { std::ofstream(path_) << std::string(1 << 16, 'x'); }
  ~ReadOnlyDeviceTest() override { std::filesystem::remove(path_); }

  ReadOnlyDevice Open() {
    return ReadOnlyDevice(std::move(OpenDevice(path_, {.file = {.buffered = true}, .queue_depth = 4})->device));
  }

  const std::string path_ = testing::TempDir() + "/read_only_device_test";
  alignas(4096) std::array<std::byte, 4096> block_ = {};
  iovec memory_ = {block_.data(), block_.size()};
};

TEST_F(ReadOnlyDeviceTest, ForgetsWritesAndReportsThemOnceFromPoll) {
  ReadOnlyDevice device = Open();
  std::array<Counted, 2> requests;
  const std::array ops = {IoRequest::Op::kWrite, IoRequest::Op::kFlush};
  for (size_t i = 0; i < requests.size(); ++i) {
    requests[i].op = ops[i];
    requests[i].done = CountCall;
    if (ops[i] == IoRequest::Op::kWrite) requests[i].buffers = {&memory_, 1};
    device.Submit(&requests[i]);
    EXPECT_EQ(requests[i].calls, 0);
  }
  EXPECT_EQ(device.in_flight(), 2);
  for (int poll = 0; poll < 2; ++poll) ASSERT_TRUE(device.Poll(absl::InfiniteDuration()).ok());
  EXPECT_EQ(device.in_flight(), 0);
  for (const Counted& request : requests) EXPECT_EQ(request.calls, 1);
  std::ifstream in(path_);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), std::string(1 << 16, 'x'));
}

TEST_F(ReadOnlyDeviceTest, Reads) {
  ReadOnlyDevice device = Open();
  EXPECT_EQ(device.size(), size_t{1} << 16);
  Counted read;
  read.offset = 8192;
  read.buffers = {&memory_, 1};
  read.done = CountCall;
  device.Submit(&read);
  while (read.calls == 0) ASSERT_TRUE(device.Poll(absl::InfiniteDuration()).ok());
  EXPECT_TRUE(read.status.ok());
  for (const std::byte byte : block_) EXPECT_EQ(byte, std::byte{'x'});
}

// The done callback of a write submits the next one, as a journal does.
TEST_F(ReadOnlyDeviceTest, ACallbackMaySubmit) {
  static ReadOnlyDevice* submit_to = nullptr;
  ReadOnlyDevice device = Open();
  submit_to = &device;
  Counted flush;
  flush.op = IoRequest::Op::kFlush;
  flush.done = [](IoRequest* request) {
    if (++static_cast<Counted*>(request)->calls < 3) submit_to->Submit(request);
  };
  device.Submit(&flush);
  for (int calls = 1; calls <= 3; ++calls) {
    ASSERT_TRUE(device.Poll(absl::InfiniteDuration()).ok());
    EXPECT_EQ(flush.calls, calls);
  }
  EXPECT_EQ(device.in_flight(), 0);
}

TEST_F(ReadOnlyDeviceTest, GivesUpReadsAndForgetsTheRestAsEver) {
  ReadOnlyDevice device = Open();
  std::array<Counted, 2> requests;
  requests[0].buffers = {&memory_, 1};
  requests[1].op = IoRequest::Op::kFlush;
  for (Counted& request : requests) {
    request.done = CountCall;
    device.Submit(&request);
    device.Cancel(&request);
  }
  while (device.in_flight() > 0) ASSERT_TRUE(device.Poll(absl::InfiniteDuration()).ok());
  EXPECT_TRUE(absl::IsCancelled(requests[0].status)) << requests[0].status;
  EXPECT_EQ(requests[1].status, absl::OkStatus());
  for (const Counted& request : requests) EXPECT_EQ(request.calls, 1);
}

}  // namespace
}  // namespace slotwise
