// SPDX-License-Identifier: Apache-2.0
// What is particular to UringDevice; device_conformance.cc tests the rest.
#include "iouring/uring_device.h"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/buffer_pool.h"
#include "iouring/create_file.h"
#include "iouring/device_file.h"
#include "iouring/ring_probe.h"
#include "iouring/system/errno_status.h"
#include "iouring/system/kernel_ring.h"
#include "iouring/system/lockable_memory.h"
#include "iouring/system/ring.h"
#include "iouring/testing/scripted_run.h"
#include "rapidcheck.h"
#include "rapidcheck/gtest.h"
#include "slotwise/unique_fd.h"
#include "slotwise/waker.h"

namespace slotwise {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr size_t kUnit = 4096;

class UringDeviceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const absl::Status uring = UringDevice::Available(); !uring.ok()) GTEST_SKIP() << "skipped: " << uring;
    ::unlink(path_.c_str());
    ASSERT_TRUE(CreateFile(path_, 1 << 20).ok());
    const BufferClass classes[] = {{.bytes = kUnit, .count = 16}};
    pool_ = *BufferPool::Create(classes, kUnit);
  }
  void TearDown() override { ::unlink(path_.c_str()); }

  std::unique_ptr<UringDevice> Make() const {
    absl::StatusOr<DeviceFile> file = DeviceFile::Open(path_, {});
    CHECK(file.ok()) << file.status();
    absl::StatusOr<std::unique_ptr<UringDevice>> device = UringDevice::Create(*std::move(file), {.queue_depth = 4});
    CHECK(device.ok()) << device.status();
    return *std::move(device);
  }

  std::string path_ = testing::TempDir() + "/uring_device_test";
  std::unique_ptr<BufferPool> pool_;
};

absl::Status Perform(Device* device, IoRequest::Op op, std::span<std::byte> memory) {
  const iovec buffers[] = {{memory.data(), memory.size()}};
  IoRequest request;
  request.op = op;
  if (!memory.empty()) request.buffers = buffers;
  request.done = [](IoRequest*) {};
  device->Submit(&request);
  while (device->in_flight() > 0) CHECK(device->Poll(absl::InfiniteDuration()).ok());
  return request.status;
}

// Writes `memory` and reads it back.
void ExpectRoundTrip(Device* device, std::span<std::byte> memory) {
  std::ranges::fill(memory, std::byte{0x42});
  const absl::Status written = Perform(device, IoRequest::Op::kWrite, memory);
  EXPECT_TRUE(written.ok()) << written;
  std::ranges::fill(memory, std::byte{0});
  const absl::Status read = Perform(device, IoRequest::Op::kRead, memory);
  EXPECT_TRUE(read.ok()) << read;
  EXPECT_EQ(std::ranges::count(memory, std::byte{0x42}), static_cast<ptrdiff_t>(memory.size()));
}

TEST_F(UringDeviceTest, TransfersAnySpanInAcrossAndOutsideTheRegisteredArena) {
  const std::unique_ptr<UringDevice> device = Make();
  const std::span<std::byte> memory = pool_->arena();
  const std::span<std::byte> registered = memory.subspan(4 * kUnit, 8 * kUnit);
  ASSERT_TRUE(device->Register(registered).ok());
  ASSERT_TRUE(device->buffers_registered());
  for (size_t start = 0; start < 16; ++start) {
    for (size_t end = start + 1; end <= 16; ++end) {
      ExpectRoundTrip(device.get(), memory.subspan(start * kUnit, (end - start) * kUnit));
    }
  }
  device->Unregister(registered);
  EXPECT_FALSE(device->buffers_registered());
  ExpectRoundTrip(device.get(), registered);
}

TEST_F(UringDeviceTest, APoolRegistersAndUnregistersItsArena) {
  const std::unique_ptr<UringDevice> device = Make();
  ASSERT_TRUE(pool_->Register(device.get()).ok());
  EXPECT_TRUE(device->buffers_registered());
  pool_.reset();
  EXPECT_FALSE(device->buffers_registered());
}

constexpr size_t kLockableBytes = 1 << 20;  // a small ring fits, a pool does not

// Takes CAP_IPC_LOCK and most of RLIMIT_MEMLOCK from this thread, as from an ordinary user's.
class LittleLockableMemory {
 public:
  LittleLockableMemory() {
    PCHECK(::getrlimit(RLIMIT_MEMLOCK, &limit_) == 0);
    PCHECK(::syscall(SYS_capget, &header_, capabilities_) == 0);
    Apply({.rlim_cur = kLockableBytes, .rlim_max = limit_.rlim_max},
          capabilities_[0].effective & ~(1u << CAP_IPC_LOCK));
  }
  ~LittleLockableMemory() { Apply(limit_, capabilities_[0].effective); }

 private:
  void Apply(const rlimit& limit, uint32_t effective) {
    __user_cap_data_struct changed[] = {capabilities_[0], capabilities_[1]};
    changed[0].effective = effective;
    PCHECK(::setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
    PCHECK(::syscall(SYS_capset, &header_, changed) == 0);
  }

  __user_cap_header_struct header_ = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct capabilities_[2] = {};
  rlimit limit_ = {};
};

TEST_F(UringDeviceTest, GoesOnUnregisteredAndSaysSoWhenTheLimitIsTooSmall) {
  const LittleLockableMemory little;
  EXPECT_EQ(LockableBytes(), kLockableBytes);
  const std::unique_ptr<UringDevice> device = Make();
  const BufferClass classes[] = {{.bytes = kUnit, .count = 2 * kLockableBytes / kUnit}};
  const std::unique_ptr<BufferPool> pool = *BufferPool::Create(classes, kUnit);
  testing::internal::CaptureStderr();
  EXPECT_TRUE(pool->Register(device.get()).ok());
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("ENOMEM"));
  EXPECT_THAT(log, HasSubstr("RLIMIT_MEMLOCK"));
  EXPECT_FALSE(device->buffers_registered());
  ExpectRoundTrip(device.get(), pool->arena().first(16 * kUnit));
}

TEST_F(UringDeviceTest, IsOwnedByTheThreadOfTheFirstPoll) {
  std::unique_ptr<UringDevice> device = Make();
  ASSERT_TRUE(pool_->Register(device.get()).ok());
  std::thread([&] {
    ExpectRoundTrip(device.get(), pool_->arena().first(kUnit));
    pool_.reset();
    device.reset();
  }).join();
}

TEST_F(UringDeviceTest, AnotherThreadMayTearItDown) {
  std::unique_ptr<UringDevice> device = Make();
  ASSERT_TRUE(pool_->Register(device.get()).ok());
  std::thread([&] { ExpectRoundTrip(device.get(), pool_->arena().first(kUnit)); }).join();
  pool_.reset();
  EXPECT_FALSE(device->buffers_registered());
  device.reset();
  Make();
}

TEST_F(UringDeviceTest, AllocatesAQueueOfAnyDepth) {
  for (const int depth : {1, 3, 64, 1000}) {
    absl::StatusOr<DeviceFile> file = DeviceFile::Open(path_, {});
    ASSERT_TRUE(file.ok()) << file.status();
    const absl::StatusOr<std::unique_ptr<UringDevice>> device =
        UringDevice::Create(*std::move(file), {.queue_depth = depth});
    ASSERT_TRUE(device.ok()) << device.status();
    EXPECT_EQ((*device)->queue_depth(), depth);
    ExpectRoundTrip(device->get(), pool_->arena());
  }
}

TEST_F(UringDeviceTest, RefusesIopollWithTheReasonWhereItMakesNoSense) {
  absl::StatusOr<DeviceFile> file = DeviceFile::Open(path_, {});
  ASSERT_TRUE(file.ok()) << file.status();
  if (file->geometry().polled) GTEST_SKIP() << "skipped: the device has queues to poll";
  const absl::Status refused = UringDevice::Create(*std::move(file), {.iopoll = true}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), AllOf(HasSubstr(path_), HasSubstr("IOPOLL")));
}

TEST_F(UringDeviceTest, PollsForCompletionsWhereItMakesSense) {
  absl::StatusOr<DeviceFile> file = DeviceFile::Open(path_, {});
  ASSERT_TRUE(file.ok()) << file.status();
  if (const absl::Status polled = CheckPolled(*file); !polled.ok()) GTEST_SKIP() << "skipped: " << polled;
  const absl::StatusOr<std::unique_ptr<UringDevice>> device = UringDevice::Create(*std::move(file), {.iopoll = true});
  ASSERT_TRUE(device.ok()) << device.status();
  ExpectRoundTrip(device->get(), pool_->arena());
  EXPECT_EQ(Perform(device->get(), IoRequest::Op::kFlush, {}), absl::OkStatus());
}

// The only place of the queue is kept beyond the end of the first read, so the second cannot enter it yet.
TEST(UringDeviceScriptedTest, DoesNotWaitWhenTheQueueIsFullOfNothing) {
  constexpr uint8_t kDepthOfOne = 0, kNoLimit = 4, kReads = 2, kReadOfOneUnit = 4, kUncut = 0;
  constexpr uint8_t kSubmitsBoth = 1, kGivesNoneUp = 0, kKeepsPlaces = 3;
  constexpr uint8_t kInput[] = {kDepthOfOne,    kNoLimit, kReads,       kReadOfOneUnit, kUncut,
                                kReadOfOneUnit, kUncut,   kSubmitsBoth, kGivesNoneUp,   kKeepsPlaces};
  RunScripted(kInput);
}

// Whatever a kernel does: takes some entries or none, completes them in any order, in parts, or not at all.
RC_GTEST_PROP(UringDevicePropertyTest, BringsEveryRequestToItsEndOnAScriptedRing, ()) {
  RunScripted(*rc::gen::resize(400, rc::gen::arbitrary<std::vector<uint8_t>>()));
}

// A read of an empty pipe lasts until somebody writes, so only a wake can end the Poll before.
TEST_F(UringDeviceTest, AWakeEndsAPollThatWaits) {
  Waker waker = Waker::Create().value();
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const UniqueFd reader(pipe_ends[0]);
  const UniqueFd writer(pipe_ends[1]);
  UringDevice device(DeviceFile::Open(path_, {}).value(), {.queue_depth = 4, .wake_fd = waker.fd()},
                     KernelRing::Create(reader.get(), {.entries = 8}).value());
  const iovec buffers[] = {{pool_->arena().data(), kUnit}};
  IoRequest read;
  read.buffers = buffers;
  read.done = [](IoRequest*) {};
  device.Submit(&read);
  for (int wakes = 0; wakes < 3; ++wakes) {
    std::thread([&waker] { waker.Wake(); }).join();
    ASSERT_TRUE(device.Poll(absl::InfiniteDuration()).ok());
    EXPECT_EQ(device.in_flight(), 1);
    waker.Clear();
  }
  ASSERT_EQ(::write(writer.get(), pool_->arena().data(), kUnit), static_cast<ssize_t>(kUnit));
  while (device.in_flight() > 0) ASSERT_TRUE(device.Poll(absl::InfiniteDuration()).ok());
  EXPECT_TRUE(read.status.ok()) << read.status;
}

// A read of an empty pipe has begun, and would last for ever.
TEST_F(UringDeviceTest, GivesUpWhatTheKernelHasNotDone) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const UniqueFd reader(pipe_ends[0]);
  const UniqueFd writer(pipe_ends[1]);
  UringDevice device(DeviceFile::Open(path_, {}).value(), {.queue_depth = 2, .transfer_bytes_max = kUnit},
                     KernelRing::Create(reader.get(), {.entries = 2}).value());
  const iovec buffers[] = {{pool_->arena().data(), 4 * kUnit}};
  IoRequest reads[2];  // of four parts each: two are in the ring, two and the whole of the other have not begun
  for (IoRequest& read : reads) {
    read.buffers = buffers;
    read.done = [](IoRequest*) {};
    device.Submit(&read);
  }
  ASSERT_TRUE(device.Poll(absl::ZeroDuration()).ok());
  EXPECT_EQ(device.in_flight(), 2);
  for (IoRequest& read : reads) device.Cancel(&read);
  while (device.in_flight() > 0) ASSERT_TRUE(device.Poll(absl::InfiniteDuration()).ok());
  for (const IoRequest& read : reads) EXPECT_TRUE(absl::IsCancelled(read.status)) << read.status;
}

// A ring that answers Enter as told, completes what it has when Enter succeeds, and remembers the pauses.
class BusyRing final : public Ring {
 public:
  struct State {
    std::deque<int> answers;  // of Enter, then 0
    int lasting = 0;          // or this, if it is not 0, once they are used up
    int result = kUnit;       // of every entry
    int enters = 0;
    bool wakes = false;  // during each pause
    std::vector<absl::Duration> pauses;
  };
  explicit BusyRing(State* state) : state_(state) {}

  io_uring_sqe* NextEntry() override { return &entries_.emplace_back(); }
  int Enter(absl::Duration /*timeout*/) override {
    ++state_->enters;
    if (state_->answers.empty()) return Take();
    const int answer = state_->answers.front();
    state_->answers.pop_front();
    return answer;
  }
  bool Pause(absl::Duration pause, int /*wake_fd*/) override {
    state_->pauses.push_back(pause);
    if (state_->lasting != 0) absl::SleepFor(pause);
    return state_->wakes;
  }
  size_t Reap(std::span<RingCompletion> completions) override {
    const size_t count = std::min(done_.size(), completions.size());
    std::copy_n(done_.begin(), count, completions.begin());
    done_.erase(done_.begin(), done_.begin() + static_cast<ptrdiff_t>(count));
    return count;
  }
  int RegisterBuffers(std::span<const iovec> /*buffers*/) override { return 0; }
  int UnregisterBuffers() override { return 0; }

 private:
  int Take() {
    if (state_->lasting != 0) return state_->lasting;
    for (const io_uring_sqe& entry : entries_)
      done_.push_back({.user_data = entry.user_data, .result = state_->result});
    entries_.clear();
    return 0;
  }

  State* state_;
  std::deque<io_uring_sqe> entries_;
  std::deque<RingCompletion> done_;
};

class BusyRingTest : public testing::Test {
 protected:
  void SetUp() override {
    ::unlink(path_.c_str());
    ASSERT_TRUE(CreateFile(path_, 1 << 20).ok());
    device_ = std::make_unique<UringDevice>(DeviceFile::Open(path_, {.buffered = true}).value(),
                                            UringOptions{.queue_depth = 4}, std::make_unique<BusyRing>(&state_));
    read_.buffers = {&buffer_, 1};
    read_.done = [](IoRequest*) {};
    device_->Submit(&read_);
  }
  void TearDown() override { ::unlink(path_.c_str()); }

  std::string path_ = testing::TempDir() + "/busy_ring_test";
  alignas(kUnit) std::byte memory_[kUnit] = {};
  iovec buffer_ = {memory_, kUnit};
  IoRequest read_;
  BusyRing::State state_;
  std::unique_ptr<UringDevice> device_;
};

TEST_F(BusyRingTest, PausesEachTimeLongerUntilTheRingTakesEntries) {
  state_.answers = {-EAGAIN, -EBUSY, -ENOMEM, -EAGAIN};
  EXPECT_EQ(device_->Poll(absl::InfiniteDuration()), absl::OkStatus());
  EXPECT_EQ(device_->in_flight(), 0);
  EXPECT_EQ(read_.status, absl::OkStatus());
  EXPECT_EQ(state_.enters, 5);
  ASSERT_EQ(state_.pauses.size(), 4u);
  EXPECT_TRUE(std::ranges::is_sorted(state_.pauses));
  EXPECT_GT(state_.pauses.front(), absl::ZeroDuration());
  EXPECT_GT(state_.pauses.back(), 4 * state_.pauses.front());
}

TEST_F(BusyRingTest, NothingIsDoneWithinTheTimeoutAndNothingIsLost) {
  state_.lasting = -EAGAIN;
  EXPECT_EQ(device_->Poll(absl::Milliseconds(2)), absl::OkStatus());
  EXPECT_EQ(device_->in_flight(), 1);
  EXPECT_EQ(state_.enters, 1 + static_cast<int>(state_.pauses.size()));
  EXPECT_LT(state_.enters, 10);
  EXPECT_EQ(device_->Poll(absl::ZeroDuration()), absl::OkStatus());
  state_.lasting = 0;
  EXPECT_EQ(device_->Poll(absl::InfiniteDuration()), absl::OkStatus());
  EXPECT_EQ(read_.status, absl::OkStatus());
}

TEST_F(BusyRingTest, AWakeEndsThePauses) {
  state_.lasting = -EAGAIN;
  state_.wakes = true;
  EXPECT_EQ(device_->Poll(absl::InfiniteDuration()), absl::OkStatus());
  EXPECT_EQ(device_->in_flight(), 1);
  state_.lasting = 0;
}

// An error leaves what was submitted with the device, which goes on if the ring can be entered again.
TEST_F(BusyRingTest, ARingThatCannotBeEnteredKeepsItsRequests) {
  for (const int error : {EPERM, EACCES, ENOSYS, EBADF, ENXIO, EEXIST}) {
    state_.answers = {-error};
    const absl::Status polled = device_->Poll(absl::InfiniteDuration());
    EXPECT_FALSE(polled.ok()) << error;
    EXPECT_FALSE(IsTransient(polled)) << polled;
    EXPECT_THAT(std::string(polled.message()), HasSubstr(path_));
    EXPECT_EQ(device_->in_flight(), 1);
    EXPECT_TRUE(state_.pauses.empty());
  }
  EXPECT_EQ(device_->Poll(absl::InfiniteDuration()), absl::OkStatus());
  EXPECT_EQ(device_->in_flight(), 0);
  EXPECT_EQ(read_.status, absl::OkStatus());
}

// As of a ring that may start no worker.
TEST_F(BusyRingTest, AFlushWithoutAWorkerIsDoneInPlace) {
  ASSERT_EQ(device_->Poll(absl::InfiniteDuration()), absl::OkStatus());
  state_.result = -ECANCELED;
  EXPECT_EQ(Perform(device_.get(), IoRequest::Op::kFlush, {}), absl::OkStatus());
  EXPECT_TRUE(IsTransient(Perform(device_.get(), IoRequest::Op::kWrite, memory_)));
}

}  // namespace
}  // namespace slotwise
