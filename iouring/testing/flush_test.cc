// SPDX-License-Identifier: Apache-2.0
// That a flush asks the kernel to make writes durable; flush_loop_test.cc shows that it does.
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "iouring/create_file.h"
#include "iouring/device.h"
#include "iouring/device_file.h"
#include "iouring/file_device.h"
#include "iouring/ring_entry.h"
#include "iouring/system/registered_arena.h"
#include "iouring/testing/child_process.h"
#include "iouring/transfer.h"
#include "iouring/uring_device.h"
#include "liburing.h"

namespace slotwise {
namespace {

using ::testing::HasSubstr;

constexpr size_t kUnit = 4096;

io_uring_sqe EntryOf(IoRequest* request, std::span<const iovec> buffers) {
  request->buffers = buffers;
  Transfer transfer;
  transfer.Start(request, 0, uint64_t{1} << 30, kUnit);
  io_uring_sqe entry = {};
  PrepareTransfer(transfer, RegisteredArena(), &entry);
  return entry;
}

TEST(FlushTest, TheEntriesOfARingAreWhatTheirNamesSay) {
  alignas(kUnit) static std::byte memory[2 * kUnit];
  const iovec one[] = {{memory, kUnit}};
  const iovec two[] = {{memory, kUnit}, {memory + kUnit, kUnit}};
  IoRequest read, write, flush;
  read.op = IoRequest::Op::kRead;
  write.op = IoRequest::Op::kWrite;
  flush.op = IoRequest::Op::kFlush;
  read.offset = write.offset = kUnit;
  EXPECT_EQ(EntryOf(&read, one).opcode, IORING_OP_READ);
  EXPECT_EQ(EntryOf(&read, two).opcode, IORING_OP_READV);
  EXPECT_EQ(EntryOf(&write, one).opcode, IORING_OP_WRITE);
  EXPECT_EQ(EntryOf(&write, two).opcode, IORING_OP_WRITEV);
  EXPECT_EQ(EntryOf(&write, two).off, kUnit);
  const io_uring_sqe entry = EntryOf(&flush, {});
  EXPECT_EQ(entry.opcode, IORING_OP_FSYNC);
  EXPECT_EQ(entry.fsync_flags, static_cast<unsigned>(IORING_FSYNC_DATASYNC));
  EXPECT_EQ(entry.flags, IOSQE_FIXED_FILE);
  EXPECT_EQ(entry.fd, 0);
  EXPECT_EQ(entry.off, 0u);  // with the length, 0: all of the file
  EXPECT_EQ(entry.len, 0u);
}

// Says that it may start no worker.
class RingWithoutWorkers final : public Ring {
 public:
  io_uring_sqe* NextEntry() override { return &entries_.emplace_back(); }
  int Enter(absl::Duration /*timeout*/) override { return 0; }
  bool Pause(absl::Duration /*pause*/, int /*wake_fd*/) override { return false; }
  size_t Reap(std::span<RingCompletion> completions) override {
    if (entries_.empty()) return 0;
    completions[0] = {.user_data = entries_.front().user_data, .result = -ECANCELED};
    entries_.pop_front();
    return 1;
  }
  int RegisterBuffers(std::span<const iovec> /*buffers*/) override { return 0; }
  int UnregisterBuffers() override { return 0; }

 private:
  std::deque<io_uring_sqe> entries_;
};

absl::Status Flush(Device* device) {
  IoRequest flush;
  flush.op = IoRequest::Op::kFlush;
  flush.done = [](IoRequest*) {};
  device->Submit(&flush);
  while (device->in_flight() > 0) CHECK_EQ(device->Poll(absl::InfiniteDuration()), absl::OkStatus());
  return flush.status;
}

// Where fdatasync fails with an errno that it never has, a flush that asks for it fails with just that.
void ExpectAsksForFdatasync(bool uring) {
  const std::string path = testing::TempDir() + "/flush_test";
  ::unlink(path.c_str());
  ASSERT_EQ(CreateFile(path, 1 << 20).status(), absl::OkStatus());
  EXPECT_EQ(InChild([&] {
              DeviceFile file = DeviceFile::Open(path, {.buffered = true}).value();
              std::unique_ptr<Device> device;
              if (uring) {
                device = std::make_unique<UringDevice>(std::move(file), UringOptions{.queue_depth = 4},
                                                       std::make_unique<RingWithoutWorkers>());
              } else {
                device = std::make_unique<FileDevice>(std::move(file), FileDeviceOptions{});
              }
              EXPECT_EQ(Flush(device.get()), absl::OkStatus());
              ForbidSystemCall(SYS_fdatasync, ENOTTY);
              EXPECT_THAT(std::string(Flush(device.get()).message()), HasSubstr("ENOTTY"));
            }),
            0);
  ::unlink(path.c_str());
}

TEST(FlushTest, TheFileEngineAsksForFdatasync) { ExpectAsksForFdatasync(/*uring=*/false); }

TEST(FlushTest, ARingWithoutWorkersAsksForFdatasync) { ExpectAsksForFdatasync(/*uring=*/true); }

}  // namespace
}  // namespace slotwise
