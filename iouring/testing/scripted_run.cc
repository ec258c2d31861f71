// SPDX-License-Identifier: Apache-2.0
#include "iouring/testing/scripted_run.h"

#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "iouring/advance.h"
#include "iouring/device_file.h"
#include "iouring/testing/scripted_ring.h"
#include "iouring/uring_device.h"
#include "slotwise/unique_fd.h"

namespace slotwise {
namespace {

constexpr size_t kUnit = 4096;
constexpr size_t kSector = 512;
constexpr size_t kUnitsMax = 5;  // of one request
constexpr std::array kOps = {IoRequest::Op::kRead, IoRequest::Op::kWrite, IoRequest::Op::kFlush, IoRequest::Op::kWrite};
constexpr size_t kRequestsMax = 8;
constexpr size_t kBytes = kUnit * kUnitsMax * kRequestsMax;

struct Aligned {
  alignas(kUnit) std::byte bytes[kBytes];
};

// Another word at the start of every sector, of the disk and of the memory.
uint64_t Word(size_t offset, bool of_disk) { return (offset + of_disk) * 0x9e3779b97f4a7c15; }

void Fill(bool of_disk, Aligned* area) {
  for (size_t offset = 0; offset < kBytes; offset += kSector) {
    const uint64_t word = Word(offset, of_disk);
    std::memcpy(area->bytes + offset, &word, sizeof(word));
  }
}

bool Holds(const Aligned& area, size_t offset, bool of_disk) {
  const uint64_t word = Word(offset, of_disk);
  return std::memcmp(area.bytes + offset, &word, sizeof(word)) == 0;
}

struct Planned : IoRequest {
  std::vector<iovec> iovecs;
  bool given_up = false;
  int calls = 0;
};

// Every request has a part of the disk and of the memory of its own.
class MadeUpRun {
 public:
  explicit MadeUpRun(std::span<const uint8_t> input) : script_(input) {
    Fill(/*of_disk=*/true, disk_.get());
    Fill(/*of_disk=*/false, memory_.get());
    Open();
    const size_t count = script_.Take() % (kRequestsMax + 1);
    for (size_t i = 0; i < count; ++i) Plan(i);
  }

  void Run() {
    for (size_t next = 0; next < requests_.size();) {
      for (size_t left = 1 + script_.Take() % 4; left > 0 && next < requests_.size(); --left) {
        device_->Submit(&requests_[next++]);
      }
      CHECK_GT(device_->in_flight(), 0);
      GiveUpSome(next);
      const absl::Status polled = device_->Poll(absl::InfiniteDuration());
      CHECK(polled.ok() || absl::IsPermissionDenied(polled)) << polled;  // of which the script knows no other
    }
    bool honest = script_.ended();
    while (!device_->Close().ok()) {
      CHECK(!honest) << "an honest ring cannot be drained";
      honest = script_.ended();
    }
    Check();
  }

 private:
  void Open() {
    const UniqueFd memory(::memfd_create("scripted_run", MFD_CLOEXEC));
    PCHECK(::ftruncate(memory.get(), kBytes) == 0);
    const std::string path = absl::StrCat("/proc/self/fd/", memory.get());
    absl::StatusOr<DeviceFile> file = DeviceFile::Open(path, {.buffered = true});
    CHECK(file.ok()) << file.status();
    const uint8_t depths = script_.Take();
    const uint8_t limits = script_.Take();
    const UringOptions options{.queue_depth = 1 + depths % 8,
                               .transfer_bytes_max = kUnit * (1 + limits % kUnitsMax),
                               .iopoll = limits / 64 % 2 == 1};
    auto ring = std::make_unique<ScriptedRing>(std::span(disk_->bytes), 1 + depths / 8 % options.queue_depth,
                                               options.queue_depth, &script_);
    device_ = std::make_unique<UringDevice>(*std::move(file), options, std::move(ring));
    if (limits >= 128) CHECK_EQ(device_->Register(std::span(memory_->bytes).first(kBytes / 2)), absl::OkStatus());
  }

  void Plan(size_t index) {
    const uint8_t what = script_.Take();
    const uint8_t cuts = script_.Take();
    Planned& request = requests_.emplace_back();
    request.op = kOps[what % kOps.size()];
    request.offset = index * kUnitsMax * kUnit;
    request.done = [](IoRequest* done) { ++static_cast<Planned*>(done)->calls; };
    const size_t units = what / 4 % (kUnitsMax + 1);
    if (request.op == IoRequest::Op::kFlush) return;
    for (size_t unit = 0; unit < units; ++unit) AddUnit(unit, (cuts >> unit & 1) != 0, &request);
    request.buffers = request.iovecs;
  }

  // Of the first `submitted` requests those that a bit of the script names.
  void GiveUpSome(size_t submitted) {
    const uint8_t named = script_.Take();
    for (size_t i = 0; i < submitted; ++i) {
      if (requests_[i].calls > 0 || (named >> i & 1) == 0) continue;
      requests_[i].given_up = true;
      device_->Cancel(&requests_[i]);
    }
  }

  // To the last buffer, or as a new one.
  void AddUnit(size_t unit, bool cut, Planned* request) {
    if (cut || request->iovecs.empty()) {
      request->iovecs.push_back({memory_->bytes + request->offset + unit * kUnit, 0});
    }
    request->iovecs.back().iov_len += kUnit;
  }

  void Check() const {
    CHECK_EQ(device_->in_flight(), 0);
    CHECK_EQ(device_->Poll(absl::InfiniteDuration()), absl::OkStatus());
    for (const Planned& request : requests_) {
      CHECK_EQ(request.calls, 1);
      if (request.status.ok()) CheckBytes(request);
      const bool given_up = request.given_up && absl::IsCancelled(request.status);
      CHECK(request.status.ok() || given_up || script_.failures > 0 || script_.stumbles > kRetriesMax)
          << request.status;
      CHECK(request.given_up || !absl::IsCancelled(request.status)) << "nobody gave it up";
    }
  }

  void CheckBytes(const Planned& request) const {
    const bool of_disk = request.op == IoRequest::Op::kRead;
    size_t offset = request.offset;
    for (const iovec& buffer : request.iovecs) {
      for (const size_t end = offset + buffer.iov_len; offset < end; offset += kSector) {
        CHECK(Holds(*disk_, offset, of_disk) && Holds(*memory_, offset, of_disk)) << "bytes are not in their place";
      }
    }
  }

  Script script_;
  std::unique_ptr<Aligned> disk_ = std::make_unique_for_overwrite<Aligned>();
  std::unique_ptr<Aligned> memory_ = std::make_unique_for_overwrite<Aligned>();
  std::deque<Planned> requests_;
  std::unique_ptr<UringDevice> device_;
};

}  // namespace

void RunScripted(std::span<const uint8_t> input) { MadeUpRun(input).Run(); }

}  // namespace slotwise
