// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/device_load.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <set>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "iouring/buffer_pool.h"
#include "iouring/device.h"
#include "rawblock/core/clock.h"

namespace slotwise {
namespace {

constexpr uint64_t kBlockBytes = 8192;
constexpr uint64_t kBlocks = 10;

class TickingClock : public Clock {
 public:
  absl::Time Now() override { return now_ += absl::Seconds(1); }
  void Sleep(absl::Duration pause) override { now_ += pause; }

 private:
  absl::Time now_ = absl::UnixEpoch();
};

// Moves no bytes; remembers what it was asked for. One request is done per Poll.
class RememberingDevice final : public Device {
 public:
  uint64_t size() const override { return kBlocks * kBlockBytes + 4096; }
  uint32_t alignment() const override { return 4096; }
  int queue_depth() const override { return 4; }
  int in_flight() const override { return static_cast<int>(queue_.size()); }
  void Submit(IoRequest* request) override {
    queue_.push_back(request);
    in_flight_max = std::max(in_flight_max, in_flight());
  }
  absl::Status Poll(absl::Duration /*timeout*/) override {
    IoRequest* request = queue_.front();
    queue_.pop_front();
    wrong += request->buffers.size() != 1 || request->buffers[0].iov_len != kBlockBytes || request->op != op ? 1 : 0;
    offsets.insert(request->offset);
    memory.insert(request->buffers[0].iov_base);
    request->status = ++done == fails_at ? absl::DataLossError("worn out") : absl::OkStatus();
    request->done(request);
    return absl::OkStatus();
  }
  absl::Status Close() override { return absl::OkStatus(); }

  IoRequest::Op op = IoRequest::Op::kRead;
  int fails_at = 0;  // the request that fails; 0: none
  int done = 0;
  int in_flight_max = 0;
  int wrong = 0;
  std::set<uint64_t> offsets;
  std::set<void*> memory;

 private:
  std::deque<IoRequest*> queue_;
};

absl::StatusOr<DeviceLoadResult> Apply(const DeviceLoad& load, Device* device) {
  const BufferClass classes[] = {{.bytes = kBlockBytes, .count = 3}};
  const std::unique_ptr<BufferPool> pool = *BufferPool::Create(classes, 4096);
  TickingClock clock;
  return ApplyLoad(load, device, pool.get(), &clock);
}

TEST(DeviceLoadTest, KeepsRequestsInFlightAtRandomBlocksUntilTheTimeIsOver) {
  RememberingDevice device;
  device.op = IoRequest::Op::kWrite;
  const absl::StatusOr<DeviceLoadResult> result = Apply({.op = IoRequest::Op::kWrite,
                                                         .block_bytes = kBlockBytes,
                                                         .requests_in_flight = 3,
                                                         .duration = absl::Seconds(100)},
                                                        &device);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->requests, 103u);  // the clock ticks with each, and three are in flight at the end
  EXPECT_EQ(result->bytes, result->requests * kBlockBytes);
  EXPECT_EQ(result->elapsed, absl::Seconds(101));  // it is not asked while the last ones end
  EXPECT_EQ(device.in_flight_max, 3);
  EXPECT_EQ(device.wrong, 0);
  EXPECT_EQ(device.offsets.size(), kBlocks);
  EXPECT_EQ(*device.offsets.rbegin(), (kBlocks - 1) * kBlockBytes);
  EXPECT_EQ(device.memory.size(), 3u);
}

TEST(DeviceLoadTest, EndsWithTheFirstFailure) {
  RememberingDevice device;
  device.fails_at = 5;
  const DeviceLoad load{.block_bytes = kBlockBytes, .requests_in_flight = 3, .duration = absl::Seconds(100)};
  EXPECT_TRUE(absl::IsDataLoss(Apply(load, &device).status()));
  EXPECT_EQ(device.done, 7);
  EXPECT_EQ(device.in_flight(), 0);
}

}  // namespace
}  // namespace slotwise
