// SPDX-License-Identifier: Apache-2.0
// What a request costs once everything is warm: no allocation, no lock, a small
// part of a system call, and never a thread.
#include <linux/magic.h>
#include <pthread.h>
#include <sys/ptrace.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
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
#include "iouring/device_file.h"
#include "iouring/uring_device.h"

namespace {

// The linker's --wrap leads every call of our own code here. Plain, since the device has one thread.
uint64_t allocations = 0;
uint64_t locks = 0;

}  // namespace

extern "C" {
void* __real_malloc(size_t bytes);
void* __real_calloc(size_t count, size_t bytes);
void* __real_realloc(void* memory, size_t bytes);
void* __real_aligned_alloc(size_t alignment, size_t bytes);
int __real_posix_memalign(void** memory, size_t alignment, size_t bytes);
void* __real__Znwm(size_t bytes);
void* __real__ZnwmSt11align_val_t(size_t bytes, size_t alignment);
int __real_pthread_mutex_lock(pthread_mutex_t* mutex);
int __real_pthread_mutex_trylock(pthread_mutex_t* mutex);
int __real_pthread_rwlock_rdlock(pthread_rwlock_t* lock);
int __real_pthread_rwlock_wrlock(pthread_rwlock_t* lock);

void* __wrap_malloc(size_t bytes) { return ++allocations, __real_malloc(bytes); }
void* __wrap_calloc(size_t count, size_t bytes) { return ++allocations, __real_calloc(count, bytes); }
void* __wrap_realloc(void* memory, size_t bytes) { return ++allocations, __real_realloc(memory, bytes); }
void* __wrap_aligned_alloc(size_t alignment, size_t bytes) {
  return ++allocations, __real_aligned_alloc(alignment, bytes);
}
int __wrap_posix_memalign(void** memory, size_t alignment, size_t bytes) {
  return ++allocations, __real_posix_memalign(memory, alignment, bytes);
}
void* __wrap__Znwm(size_t bytes) { return ++allocations, __real__Znwm(bytes); }
void* __wrap__ZnwmSt11align_val_t(size_t bytes, size_t alignment) {
  return ++allocations, __real__ZnwmSt11align_val_t(bytes, alignment);
}
int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex) { return ++locks, __real_pthread_mutex_lock(mutex); }
int __wrap_pthread_mutex_trylock(pthread_mutex_t* mutex) { return ++locks, __real_pthread_mutex_trylock(mutex); }
int __wrap_pthread_rwlock_rdlock(pthread_rwlock_t* lock) { return ++locks, __real_pthread_rwlock_rdlock(lock); }
int __wrap_pthread_rwlock_wrlock(pthread_rwlock_t* lock) { return ++locks, __real_pthread_rwlock_wrlock(lock); }
}

namespace slotwise {
namespace {

constexpr int kQueueDepth = 32;
constexpr size_t kBytes = 16384;  // of a request

// As many requests as the queue is deep, round after round, on a file in the page cache: of one buffer and of two,
// reads and, unless `reads_only`, writes. The kernel completes such reads in batches, as it takes them; it hands such
// writes to its workers, one by one.
class CostRun {
 public:
  explicit CostRun(uint64_t transfer_bytes_max, bool reads_only = false) : reads_only_(reads_only) {
    CHECK_EQ(CreateFile(path_, kQueueDepth * kBytes, {.buffered = true}).status(), absl::OkStatus());
    absl::StatusOr<DeviceFile> file = DeviceFile::Open(path_, {.buffered = true});
    CHECK(file.ok()) << file.status();
    absl::StatusOr<std::unique_ptr<UringDevice>> device =
        UringDevice::Create(*std::move(file), {.queue_depth = kQueueDepth, .transfer_bytes_max = transfer_bytes_max});
    CHECK(device.ok()) << device.status();
    device_ = *std::move(device);
    const BufferClass classes[] = {{.bytes = kBytes, .count = kQueueDepth}};
    pool_ = *BufferPool::Create(classes, 4096);
    CHECK_EQ(pool_->Register(device_.get()), absl::OkStatus());
    for (int i = 0; i < kQueueDepth; ++i) AddRequest(i);
  }
  ~CostRun() {
    pool_->Unregister(device_.get());
    ::unlink(path_.c_str());
  }

  void Run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      for (Repeated& request : requests_) Submit(&request);
      while (device_->in_flight() > 0) CHECK_EQ(device_->Poll(absl::InfiniteDuration()), absl::OkStatus());
    }
  }

 private:
  struct Repeated : IoRequest {
    BufferPool* pool = nullptr;
    std::span<std::byte> memory;
    iovec halves[2] = {};
  };

  void AddRequest(int index) {
    Repeated& request = requests_.emplace_back();
    request.pool = pool_.get();
    request.op = reads_only_ || index % 2 == 0 ? IoRequest::Op::kRead : IoRequest::Op::kWrite;
    request.offset = static_cast<uint64_t>(index) * kBytes;
    request.buffers = std::span(request.halves).first(index % 3 == 0 ? 2 : 1);
    request.done = [](IoRequest* done) {
      auto* repeated = static_cast<Repeated*>(done);
      CHECK_EQ(repeated->status, absl::OkStatus());
      repeated->pool->Release(repeated->memory);
    };
  }

  void Submit(Repeated* request) {
    std::optional<Buffer> buffer = pool_->Acquire(kBytes);
    request->memory = buffer->Detach();
    request->halves[0] = {request->memory.data(), kBytes / 2};
    request->halves[1] = {request->memory.data() + kBytes / 2, kBytes / 2};
    device_->Submit(request);
  }

  const bool reads_only_;
  const std::string path_ = testing::TempDir() + "/uring_device_cost_test";
  std::unique_ptr<BufferPool> pool_;
  std::unique_ptr<UringDevice> device_;
  std::deque<Repeated> requests_;
};

class UringDeviceCostTest : public testing::Test {
 protected:
  void SetUp() override {
    if (const absl::Status uring = UringDevice::Available(); !uring.ok()) GTEST_SKIP() << "skipped: " << uring;
  }
};

TEST_F(UringDeviceCostTest, NothingIsAllocatedOrLockedPerRequest) {
  std::mutex mutex;
  for (const uint64_t transfer_bytes_max : {kBytes, size_t{4096}}) {
    const uint64_t allocations_at_first = allocations, locks_at_first = locks;
    CostRun run(transfer_bytes_max);
    mutex.lock();
    mutex.unlock();
    EXPECT_GT(allocations, allocations_at_first) << "allocations are not counted";
    EXPECT_GT(locks, locks_at_first) << "locks are not counted";
    run.Run(3);
    const uint64_t allocations_before = allocations, locks_before = locks;
    run.Run(100);
    EXPECT_EQ(allocations, allocations_before);
    EXPECT_EQ(locks, locks_before);
  }
}

// By number. The kernel's own workers, which serve a ring in its process's name, are none of ours.
std::set<std::string> Threads() {
  std::set<std::string> threads;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string name;
    std::ifstream(entry.path() / "comm") >> name;
    if (!name.starts_with("iou-")) threads.insert(entry.path().filename());
  }
  return threads;
}

TEST_F(UringDeviceCostTest, NoThreadIsStarted) {
  const std::set<std::string> before = Threads();
  EXPECT_FALSE(before.empty());
  CostRun run(kBytes);
  run.Run(3);
  EXPECT_EQ(Threads(), before);
}

constexpr int kRounds = 50;
constexpr long kMarker = SYS_getppid;  // made by the child before and after what is counted
constexpr int kUntraceable = 77;

[[noreturn]] void RunTraced() {
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) std::_Exit(kUntraceable);
  ::raise(SIGSTOP);
  CostRun run(kBytes, /*reads_only=*/true);
  run.Run(3);
  ::syscall(kMarker);
  run.Run(kRounds);
  ::syscall(kMarker);
  std::_Exit(0);
}

// The system call that the stopped `child` enters; nullopt if it leaves one, or stops for another reason.
std::optional<long> EnteredSyscall(pid_t child, int status) {
  if (!WIFSTOPPED(status) || WSTOPSIG(status) != (SIGTRAP | 0x80)) return std::nullopt;
  __ptrace_syscall_info info = {};
  PCHECK(::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) > 0);
  if (info.op != PTRACE_SYSCALL_INFO_ENTRY) return std::nullopt;
  return static_cast<long>(info.entry.nr);
}

// The system calls between the markers; nullopt where processes may not be traced.
std::optional<int> CountSyscalls() {
  const pid_t child = ::fork();
  PCHECK(child >= 0);
  if (child == 0) RunTraced();
  int status = 0;
  PCHECK(::waitpid(child, &status, 0) == child);
  if (WIFEXITED(status)) return std::nullopt;
  PCHECK(::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) == 0);
  int markers = 0, counted = 0;
  for (;;) {
    PCHECK(::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr) == 0);
    PCHECK(::waitpid(child, &status, 0) == child);
    if (WIFEXITED(status)) break;
    CHECK(WIFSTOPPED(status)) << "the child died";
    const std::optional<long> entered = EnteredSyscall(child, status);
    if (!entered.has_value()) continue;
    if (*entered == kMarker) ++markers;
    if (*entered != kMarker && markers == 1) ++counted;
  }
  CHECK_EQ(WEXITSTATUS(status), 0);
  CHECK_EQ(markers, 2);
  return counted;
}

TEST_F(UringDeviceCostTest, ASystemCallServesAtLeastEightRequests) {
  struct statfs file_system;
  ASSERT_EQ(::statfs(testing::TempDir().c_str(), &file_system), 0);
  if (file_system.f_type == TMPFS_MAGIC) GTEST_SKIP() << "skipped: tmpfs does not complete in batches";
  const std::optional<int> syscalls = CountSyscalls();
  if (!syscalls.has_value()) GTEST_SKIP() << "skipped: processes may not be traced here";
  EXPECT_GE(*syscalls, kRounds);
  EXPECT_LE(*syscalls * 8, kRounds * kQueueDepth);
}

}  // namespace
}  // namespace slotwise
