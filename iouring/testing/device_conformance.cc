// SPDX-License-Identifier: Apache-2.0
#include "iouring/testing/device_conformance.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <list>
#include <optional>
#include <ostream>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "iouring/file_device.h"
#include "iouring/uring_device.h"
#include "rapidcheck.h"

namespace slotwise {
namespace {

constexpr size_t kBufferBytes = 64 << 10;

std::unique_ptr<BufferPool> MakePool() {
  const BufferClass classes[] = {{.bytes = kBufferBytes, .count = 32}};
  absl::StatusOr<std::unique_ptr<BufferPool>> pool = BufferPool::Create(classes, 4096);
  CHECK(pool.ok()) << pool.status();
  return *std::move(pool);
}

// Why this machine cannot test `variant`.
std::optional<std::string> Unavailable(const DeviceVariant& variant) {
  const absl::Status uring = variant.uring ? UringDevice::Available() : absl::OkStatus();
  if (!uring.ok()) return uring.ToString();
  return variant.unavailable == nullptr ? std::nullopt : variant.unavailable();
}

absl::StatusOr<std::unique_ptr<Device>> MakeDevice(const DeviceVariant& variant, DeviceFile file, int queue_depth,
                                                   BufferPool* pool) {
  if (!variant.uring) {
    FileDeviceOptions options{.queue_depth = queue_depth};
    if (variant.transfer_bytes_max > 0) options.transfer_bytes_max = variant.transfer_bytes_max;
    return std::make_unique<FileDevice>(std::move(file), options);
  }
  const UringOptions options{
      .queue_depth = queue_depth, .transfer_bytes_max = variant.transfer_bytes_max, .sqpoll = variant.sqpoll};
  absl::StatusOr<std::unique_ptr<UringDevice>> device = UringDevice::Create(std::move(file), options);
  if (!device.ok()) return device.status();
  if (variant.registered) {
    CHECK((*device)->Register(pool->arena()).ok());
    CHECK((*device)->buffers_registered());
  }
  return *std::move(device);
}

// A request that remembers whether it is done.
struct Tracked : IoRequest {
  Tracked(Op operation, uint64_t at, std::span<const iovec> memory) {
    op = operation;
    offset = at;
    buffers = memory;
    status = absl::UnknownError("never set");
    done = [](IoRequest* request) { ++static_cast<Tracked*>(request)->calls; };
  }
  int calls = 0;
};

void Drain(Device* device) {
  while (device->in_flight() > 0) CHECK(device->Poll(absl::InfiniteDuration()).ok());
}

absl::Status Perform(Device* device, Tracked* request) {
  device->Submit(request);
  EXPECT_EQ(request->calls, 0) << "done was called from Submit";
  Drain(device);
  EXPECT_EQ(request->calls, 1);
  return request->status;
}

absl::Status Perform(Device* device, IoRequest::Op op, uint64_t offset, std::span<const iovec> buffers) {
  Tracked request(op, offset, buffers);
  return Perform(device, &request);
}

iovec Iovec(std::span<std::byte> memory) { return {memory.data(), memory.size()}; }

bool Holds(std::span<const std::byte> memory, std::byte value) {
  return memory.front() == value && std::memcmp(memory.data(), memory.data() + 1, memory.size() - 1) == 0;
}

// One request of the model test, as numbers that are valid whatever they are. Each buffer is a number of units to
// skip in the pool's buffer and a number of units to move.
struct Command {
  uint8_t op = 0;
  uint32_t position = 0;
  std::vector<std::pair<uint8_t, uint8_t>> buffers;
};

// Few flushes, which take the longest.
IoRequest::Op OpOf(const Command& command) {
  const int choice = command.op % 32;
  if (choice == 0) return IoRequest::Op::kFlush;
  return choice < 16 ? IoRequest::Op::kRead : IoRequest::Op::kWrite;
}

void showValue(const Command& command, std::ostream& out) {
  out << "{op " << int{command.op} << ", position " << command.position << ", buffers ";
  rc::show(command.buffers, out);
  out << "}";
}

rc::Gen<Command> ArbitraryCommand() {
  const auto buffer = rc::gen::pair(rc::gen::inRange<uint8_t>(0, 8), rc::gen::inRange<uint8_t>(0, 9));
  return rc::gen::build<Command>(
      rc::gen::set(&Command::op), rc::gen::set(&Command::position),
      rc::gen::set(&Command::buffers,
                   rc::gen::resize(12, rc::gen::container<std::vector<std::pair<uint8_t, uint8_t>>>(buffer))));
}

// Runs commands on a device, many in flight, beside the bytes that it should
// hold. Commands that touch the same bytes wait for each other, unless both
// read.
class ModelRun {
 public:
  ModelRun(Device* device, BufferPool* pool)
      : device_(device), pool_(pool), expected_(device->size() / device->alignment()) {}
  ~ModelRun() { Drain(device_); }

  void Perform(const Command& command);
  // Waits for all, and asserts that all were right.
  void End() {
    while (device_->in_flight() > 0) Poll();
    RC_ASSERT(agrees_);
  }

 private:
  struct Flight : IoRequest {
    ModelRun* run = nullptr;
    uint64_t bytes = 0;
    std::vector<Buffer> memory;
    std::vector<iovec> iovecs;
    std::list<Flight>::iterator self;
  };

  void Poll() {
    RC_ASSERT(device_->Poll(absl::InfiniteDuration()).ok());
    RC_ASSERT(agrees_);
  }
  void Build(const Command& command, Flight* flight);
  void AddBuffer(uint8_t skipped_units, uint8_t units, Flight* flight);
  auto UnitAt(uint64_t offset) { return expected_.begin() + static_cast<ptrdiff_t>(offset / device_->alignment()); }
  bool Conflicts(const Flight& flight) const;
  void Expect(const Flight& flight);
  bool Agrees(const Flight& flight);
  void Finish(Flight* flight);

  Device* device_;
  BufferPool* pool_;
  std::vector<std::optional<std::byte>> expected_;  // each byte of a unit; nullopt: anything
  uint8_t fill_ = 0;                                // of the latest buffer to write, never 0
  bool agrees_ = true;                              // every request so far; nothing may be thrown from inside a done
  std::list<Flight> flights_;
};

void ModelRun::Perform(const Command& command) {
  std::list<Flight> made(1);
  Flight& flight = made.front();
  flight.self = made.begin();
  Build(command, &flight);
  while (device_->in_flight() > 2 * device_->queue_depth() || Conflicts(flight)) Poll();
  if (flight.op != IoRequest::Op::kRead) Expect(flight);
  flights_.splice(flights_.end(), made);
  device_->Submit(&flight);
}

void ModelRun::Build(const Command& command, Flight* flight) {
  flight->run = this;
  flight->op = OpOf(command);
  flight->offset = command.position * uint64_t{device_->alignment()} % device_->size();
  flight->done = [](IoRequest* request) {
    auto* finished = static_cast<Flight*>(request);
    finished->run->Finish(finished);
  };
  if (flight->op == IoRequest::Op::kFlush) return;
  for (const auto& [skipped, units] : command.buffers) AddBuffer(skipped, units, flight);
  flight->buffers = flight->iovecs;
}

void ModelRun::AddBuffer(uint8_t skipped_units, uint8_t units, Flight* flight) {
  const uint64_t unit = device_->alignment();
  const uint64_t skipped = skipped_units * unit % kBufferBytes;
  const uint64_t bytes =
      std::min({units * unit, kBufferBytes - skipped, device_->size() - flight->offset - flight->bytes});
  std::optional<Buffer> buffer = pool_->Acquire(kBufferBytes);
  while (!buffer.has_value() && device_->in_flight() > 0) {
    Poll();
    buffer = pool_->Acquire(kBufferBytes);
  }
  if (!buffer.has_value()) return;
  fill_ = fill_ % 255 + 1;
  std::memset(buffer->span().data() + skipped, flight->op == IoRequest::Op::kWrite ? fill_ : 0, bytes);
  flight->iovecs.push_back({buffer->span().data() + skipped, bytes});
  flight->memory.push_back(*std::move(buffer));
  flight->bytes += bytes;
}

bool ModelRun::Conflicts(const Flight& flight) const {
  return std::ranges::any_of(flights_, [&](const Flight& other) {
    const bool both_read = flight.op == IoRequest::Op::kRead && other.op == IoRequest::Op::kRead;
    return !both_read && flight.offset < other.offset + other.bytes && other.offset < flight.offset + flight.bytes;
  });
}

void ModelRun::Expect(const Flight& flight) {
  auto expected = UnitAt(flight.offset);
  for (const iovec& buffer : flight.iovecs) {
    std::optional<std::byte> value;
    if (flight.op == IoRequest::Op::kWrite && buffer.iov_len > 0) value = *static_cast<std::byte*>(buffer.iov_base);
    expected = std::fill_n(expected, buffer.iov_len / device_->alignment(), value);
  }
}

bool ModelRun::Agrees(const Flight& flight) {
  auto expected = UnitAt(flight.offset);
  for (const iovec& buffer : flight.iovecs) {
    std::span memory(static_cast<const std::byte*>(buffer.iov_base), buffer.iov_len);
    for (; !memory.empty(); memory = memory.subspan(device_->alignment()), ++expected) {
      if (expected->has_value() && !Holds(memory.first(device_->alignment()), **expected)) return false;
    }
  }
  return true;
}

void ModelRun::Finish(Flight* flight) {
  agrees_ = agrees_ && flight->status.ok() && (flight->op != IoRequest::Op::kRead || Agrees(*flight));
  flights_.erase(flight->self);
}

}  // namespace

std::string DeviceVariantName(const testing::TestParamInfo<DeviceVariant>& info) { return info.param.name; }

void DeviceConformanceTest::SetUp() {
  if (const std::optional<std::string> reason = Unavailable(GetParam())) GTEST_SKIP() << "skipped: " << *reason;
  absl::StatusOr<std::unique_ptr<Medium>> medium = GetParam().make_medium(kBytes);
  ASSERT_TRUE(medium.ok()) << medium.status();
  medium_ = *std::move(medium);
  pool_ = MakePool();
  Reopen({});
}

void DeviceConformanceTest::TearDown() { device_.reset(); }

void DeviceConformanceTest::Reopen(const DeviceFileOptions& options) {
  device_.reset();
  absl::StatusOr<DeviceFile> file = DeviceFile::Open(medium_->path(), options);
  ASSERT_TRUE(file.ok()) << file.status();
  absl::StatusOr<std::unique_ptr<Device>> device = MakeDevice(GetParam(), *std::move(file), kQueueDepth, pool_.get());
  ASSERT_TRUE(device.ok()) << device.status();
  device_ = *std::move(device);
}

TEST_P(DeviceConformanceTest, AgreesWithAModelUnderRandomRequests) {
  EXPECT_TRUE(rc::check([this] {
    const auto commands = *rc::gen::resize(40, rc::gen::container<std::vector<Command>>(ArbitraryCommand()));
    ModelRun run(device_.get(), pool_.get());
    for (const Command& command : commands) run.Perform(command);
    run.End();
  }));
}

TEST_P(DeviceConformanceTest, BytesOutliveTheDevice) {
  Buffer memory = *pool_->Acquire(kBufferBytes);
  const iovec iovecs[] = {Iovec(memory.span())};
  std::ranges::fill(memory.span(), std::byte{0x5a});
  ASSERT_EQ(Perform(device_.get(), IoRequest::Op::kWrite, kBufferBytes, iovecs), absl::OkStatus());
  ASSERT_EQ(Perform(device_.get(), IoRequest::Op::kFlush, 0, {}), absl::OkStatus());
  Reopen({});
  std::ranges::fill(memory.span(), std::byte{0});
  ASSERT_EQ(Perform(device_.get(), IoRequest::Op::kRead, kBufferBytes, iovecs), absl::OkStatus());
  EXPECT_TRUE(Holds(memory.span(), std::byte{0x5a}));
}

TEST_P(DeviceConformanceTest, MemoryOfTheCallerServesAsWellAsThePools) {
  const std::unique_ptr<BufferPool> other = MakePool();
  Buffer memory = *other->Acquire(kBufferBytes);
  const iovec iovecs[] = {Iovec(memory.span())};
  std::ranges::fill(memory.span(), std::byte{0x77});
  ASSERT_EQ(Perform(device_.get(), IoRequest::Op::kWrite, 0, iovecs), absl::OkStatus());
  std::ranges::fill(memory.span(), std::byte{0});
  ASSERT_EQ(Perform(device_.get(), IoRequest::Op::kRead, 0, iovecs), absl::OkStatus());
  EXPECT_TRUE(Holds(memory.span(), std::byte{0x77}));
}

TEST_P(DeviceConformanceTest, TakesAsManyBuffersAsTheContractAllows) {
  Buffer memory = *pool_->Acquire(kBufferBytes);
  const uint32_t unit = device_->alignment();
  const std::vector<iovec> same(1024, iovec{memory.span().data(), unit});
  const std::span<const iovec> fitting(same.data(), std::min<uint64_t>(1024, device_->size() / unit));
  std::ranges::fill(memory.span(), std::byte{0x11});
  ASSERT_EQ(Perform(device_.get(), IoRequest::Op::kWrite, 0, fitting), absl::OkStatus());
  const iovec last[] = {{memory.span().data() + unit, unit}};
  ASSERT_EQ(Perform(device_.get(), IoRequest::Op::kRead, (fitting.size() - 1) * unit, last), absl::OkStatus());
  EXPECT_TRUE(Holds(memory.span().first(2 * size_t{unit}), std::byte{0x11}));
}

TEST_P(DeviceConformanceTest, TakesMoreRequestsThanItsQueueIsDeep) {
  Buffer memory = *pool_->Acquire(kBufferBytes);
  const iovec iovecs[] = {Iovec(memory.span())};
  std::list<Tracked> requests;
  EXPECT_EQ(device_->queue_depth(), kQueueDepth);
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5 * kQueueDepth; ++i) {
      device_->Submit(&requests.emplace_back(IoRequest::Op::kRead, 0, iovecs));
    }
    EXPECT_EQ(device_->in_flight(), 5 * kQueueDepth);
    Drain(device_.get());
  }
  EXPECT_TRUE(std::ranges::all_of(requests, [](const Tracked& one) { return one.calls == 1 && one.status.ok(); }));
}

// Each done submits its request again, from within Poll and with the rest of the queue full.
TEST_P(DeviceConformanceTest, TakesRequestsFromWithinDone) {
  struct Chain : IoRequest {
    Device* device = nullptr;
    int left = 50;
    bool ok = true;
  };
  Buffer memory = *pool_->Acquire(kBufferBytes);
  const iovec iovecs[] = {Iovec(memory.span())};
  std::vector<Chain> chains(kQueueDepth);
  for (Chain& chain : chains) {
    chain.device = device_.get();
    chain.buffers = iovecs;
    chain.done = [](IoRequest* request) {
      auto* link = static_cast<Chain*>(request);
      link->ok = link->ok && link->status.ok();
      if (--link->left > 0) link->device->Submit(link);
    };
    device_->Submit(&chain);
  }
  Drain(device_.get());
  EXPECT_TRUE(std::ranges::all_of(chains, [](const Chain& chain) { return chain.ok && chain.left == 0; }));
}

// Nothing begins before the first Poll, so what is given up by then never does.
TEST_P(DeviceConformanceTest, GivesUpWhatHasNotBegun) {
  Buffer memory = *pool_->Acquire(kBufferBytes);
  const iovec iovecs[] = {Iovec(memory.span())};
  std::ranges::fill(memory.span(), std::byte{0x33});
  std::list<Tracked> requests;
  constexpr uint64_t kSlots = kBytes / kBufferBytes;
  for (int i = 0; i < 5 * kQueueDepth; ++i) {
    const uint64_t offset = kBufferBytes * (i % 2 == 0 ? 0 : 1 + static_cast<uint64_t>(i) % (kSlots - 1));
    Tracked& request = requests.emplace_back(IoRequest::Op::kWrite, offset, iovecs);
    device_->Submit(&request);
    if (i % 2 == 1) device_->Cancel(&request);
    EXPECT_EQ(request.calls, 0) << "done was called from Cancel";
  }
  ASSERT_TRUE(device_->Poll(absl::InfiniteDuration()).ok());
  int index = 0;
  for (const Tracked& request : requests) {
    if (index++ % 2 == 0) continue;
    EXPECT_EQ(request.calls, 1);
    EXPECT_TRUE(absl::IsCancelled(request.status)) << request.status;
  }
  Drain(device_.get());
  index = 0;
  for (const Tracked& request : requests) {
    EXPECT_EQ(request.calls, 1);
    EXPECT_EQ(request.status.ok(), index++ % 2 == 0) << request.status;
  }
  for (uint64_t slot = 0; slot < kSlots; ++slot) {
    ASSERT_EQ(Perform(device_.get(), IoRequest::Op::kRead, slot * kBufferBytes, iovecs), absl::OkStatus());
    EXPECT_TRUE(Holds(memory.span(), slot == 0 ? std::byte{0x33} : std::byte{0}));
  }
}

// From within done too. Those that the system has may end as they would; each ends once.
TEST_P(DeviceConformanceTest, EndsOnceWhatIsGivenUpAtAnyTime) {
  struct Pair : Tracked {
    using Tracked::Tracked;
    Device* device = nullptr;
    Pair* other = nullptr;
  };
  Buffer memory = *pool_->Acquire(kBufferBytes);
  const iovec iovecs[] = {Iovec(memory.span())};
  std::list<Pair> requests;
  for (int round = 0; round < 20; ++round) {
    Pair* previous = nullptr;
    for (int i = 0; i < 3 * kQueueDepth; ++i) {
      Pair& request = requests.emplace_back(i % 5 == 0 ? IoRequest::Op::kFlush : IoRequest::Op::kRead, 0,
                                            i % 5 == 0 ? std::span<const iovec>() : iovecs);
      request.device = device_.get();
      request.other = std::exchange(previous, &request);
      request.done = [](IoRequest* done) {
        auto* pair = static_cast<Pair*>(done);
        ++pair->calls;
        if (pair->other != nullptr && pair->other->calls == 0) pair->device->Cancel(pair->other);
      };
      device_->Submit(&request);
    }
    for (int poll = 0; poll < round % 4; ++poll) ASSERT_TRUE(device_->Poll(absl::ZeroDuration()).ok());
    for (Pair& request : requests) {
      if (request.calls == 0) device_->Cancel(&request);
    }
    Drain(device_.get());
  }
  for (const Pair& request : requests) {
    EXPECT_EQ(request.calls, 1);
    EXPECT_TRUE(request.status.ok() || absl::IsCancelled(request.status)) << request.status;
  }
}

TEST_P(DeviceConformanceTest, PollReturnsAtOnceWhenNothingIsInFlight) {
  EXPECT_TRUE(device_->Poll(absl::InfiniteDuration()).ok());
}

TEST_P(DeviceConformanceTest, PollWithoutPatienceMakesProgress) {
  Buffer memory = *pool_->Acquire(kBufferBytes);
  const iovec iovecs[] = {Iovec(memory.span())};
  Tracked request(IoRequest::Op::kWrite, 0, iovecs);
  device_->Submit(&request);
  while (request.calls == 0) ASSERT_TRUE(device_->Poll(absl::ZeroDuration()).ok());
  EXPECT_TRUE(request.status.ok()) << request.status;
}

TEST_P(DeviceConformanceTest, TheDestructorWaitsForWhatIsInFlight) {
  Buffer memory = *pool_->Acquire(kBufferBytes);
  const iovec iovecs[] = {Iovec(memory.span())};
  std::list<Tracked> requests;
  for (int i = 0; i < kQueueDepth; ++i) {
    device_->Submit(&requests.emplace_back(IoRequest::Op::kWrite, static_cast<uint64_t>(i) * kBufferBytes, iovecs));
  }
  device_.reset();
  EXPECT_TRUE(std::ranges::all_of(requests, [](const Tracked& one) { return one.calls == 1 && one.status.ok(); }));
}

// Also for what a callback submits meanwhile.
TEST_P(DeviceConformanceTest, CloseDrainsAndNothingCompletesAfterIt) {
  struct Again : Tracked {
    using Tracked::Tracked;
    Device* device = nullptr;
  };
  Buffer memory = *pool_->Acquire(kBufferBytes);
  const iovec iovecs[] = {Iovec(memory.span())};
  std::list<Again> requests;
  for (int i = 0; i < 3 * kQueueDepth; ++i) {
    Again& request = requests.emplace_back(IoRequest::Op::kWrite, 0, iovecs);
    request.device = device_.get();
    request.done = [](IoRequest* done) {
      auto* again = static_cast<Again*>(done);
      if (++again->calls == 1) again->device->Submit(again);
    };
    device_->Submit(&request);
  }
  EXPECT_EQ(device_->Close(), absl::OkStatus());
  EXPECT_EQ(device_->in_flight(), 0);
  EXPECT_TRUE(std::ranges::all_of(requests, [](const Again& one) { return one.calls == 2 && one.status.ok(); }));
  const absl::StatusOr<DeviceFile> other = DeviceFile::Open(medium_->path(), {.claim_wait = absl::ZeroDuration()});
  EXPECT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(device_->Poll(absl::InfiniteDuration()), absl::OkStatus());
  EXPECT_EQ(device_->Close(), absl::OkStatus());
  EXPECT_TRUE(std::ranges::all_of(requests, [](const Again& one) { return one.calls == 2; }));
  EXPECT_DEATH(device_->Submit(&requests.front()), "closed");
}

TEST_P(DeviceConformanceTest, ADeviceThatShrankFailsItsReadsAndDoesNotHang) {
  ASSERT_EQ(::truncate(medium_->backing_path().c_str(), kBytes / 2), 0);
  Buffer memory = *pool_->Acquire(kBufferBytes);
  const iovec iovecs[] = {Iovec(memory.span())};
  EXPECT_EQ(Perform(device_.get(), IoRequest::Op::kRead, 0, iovecs), absl::OkStatus());
  const uint64_t across = kBytes / 2 - device_->alignment();
  EXPECT_TRUE(absl::IsDataLoss(Perform(device_.get(), IoRequest::Op::kRead, across, iovecs)));
  EXPECT_TRUE(absl::IsDataLoss(Perform(device_.get(), IoRequest::Op::kRead, kBytes - kBufferBytes, iovecs)));
  EXPECT_EQ(Perform(device_.get(), IoRequest::Op::kRead, 0, iovecs), absl::OkStatus());
}

TEST_P(DeviceConformanceTest, AReadOnlyDeviceRefusesWrites) {
  Reopen({.read_only = true});
  Buffer memory = *pool_->Acquire(kBufferBytes);
  const iovec iovecs[] = {Iovec(memory.span())};
  EXPECT_EQ(Perform(device_.get(), IoRequest::Op::kRead, 0, iovecs), absl::OkStatus());
  EXPECT_TRUE(absl::IsFailedPrecondition(Perform(device_.get(), IoRequest::Op::kWrite, 0, iovecs)));
  EXPECT_EQ(Perform(device_.get(), IoRequest::Op::kRead, 0, iovecs), absl::OkStatus());
}

TEST_P(DeviceConformanceTest, AClosedDeviceCanBeOpenedAtOnce) {
  for (int i = 0; i < 20; ++i) ASSERT_NO_FATAL_FAILURE(Reopen({}));
}

// Opens the device, writes without end, and says so.
[[noreturn]] void WriteForEver(const DeviceVariant& variant, const std::string& path, BufferPool* pool, int report) {
  absl::StatusOr<DeviceFile> file = DeviceFile::Open(path, {});
  CHECK(file.ok()) << file.status();
  absl::StatusOr<std::unique_ptr<Device>> device = MakeDevice(variant, *std::move(file), 8, pool);
  CHECK(device.ok()) << device.status();
  Buffer memory = *pool->Acquire(kBufferBytes);
  const iovec iovecs[] = {Iovec(memory.span())};
  std::list<Tracked> requests;
  for (;;) {
    while ((*device)->in_flight() < (*device)->queue_depth()) {
      (*device)->Submit(&requests.emplace_back(IoRequest::Op::kWrite, 0, iovecs));
    }
    CHECK((*device)->Poll(absl::InfiniteDuration()).ok());
    CHECK_EQ(::write(report, "x", 1), 1);
  }
}

TEST_P(DeviceConformanceTest, AKilledOwnerLeavesNoClaimBehind) {
  device_.reset();
  for (int i = 0; i < 5; ++i) {
    int report[2];
    ASSERT_EQ(::pipe(report), 0);
    const pid_t child = ::fork();
    if (child == 0) WriteForEver(GetParam(), medium_->path(), pool_.get(), report[1]);
    ::close(report[1]);
    char seen = 0;
    EXPECT_EQ(::read(report[0], &seen, 1), 1) << "the child could not write";
    ::kill(child, SIGKILL);
    EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    ::close(report[0]);
    ASSERT_NO_FATAL_FAILURE(Reopen({}));
    device_.reset();
  }
}

TEST_P(DeviceConformanceTest, RequestsThatBreakTheContractDie) {
  Buffer memory = *pool_->Acquire(kBufferBytes);
  const uint32_t unit = device_->alignment();
  std::byte* start = memory.span().data();
  const iovec good[] = {{start, unit}}, odd_address[] = {{start + 1, unit}}, odd_length[] = {{start, unit - 1}};
  const auto submit = [this](IoRequest::Op op, uint64_t offset, std::span<const iovec> buffers) {
    Tracked request(op, offset, buffers);
    device_->Submit(&request);
  };
  EXPECT_DEATH(submit(IoRequest::Op::kRead, 1, good), "offset is unaligned");
  EXPECT_DEATH(submit(IoRequest::Op::kRead, 0, odd_address), "address is unaligned");
  EXPECT_DEATH(submit(IoRequest::Op::kRead, 0, odd_length), "length is unaligned");
  EXPECT_DEATH(submit(IoRequest::Op::kWrite, kBytes, good), "out of bounds");
  EXPECT_DEATH(submit(IoRequest::Op::kWrite, ~uint64_t{0} - unit + 1, good), "out of bounds");
  EXPECT_DEATH(submit(IoRequest::Op::kFlush, 0, good), "with buffers");
  const std::vector<iovec> many(1025, good[0]);
  EXPECT_DEATH(submit(IoRequest::Op::kRead, 0, many), "buffers");
}

}  // namespace slotwise
