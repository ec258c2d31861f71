// SPDX-License-Identifier: Apache-2.0
#include "iouring/open_device.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/file_device.h"
#include "iouring/system/errno_status.h"
#include "iouring/system/lockable_memory.h"

namespace slotwise {
namespace {

// What takes the place of io_uring under kAuto: forbidden, missing, or without memory that it may lock.
bool MayFallBack(const absl::Status& status, const OpenDeviceOptions& options) {
  if (options.io_engine != IoEngine::kAuto || options.sqpoll || options.iopoll) return false;
  return absl::IsUnimplemented(status) || absl::IsPermissionDenied(status) || IsTransient(status);
}

void DriveByFile(DeviceFile file, const OpenDeviceOptions& options, OpenedDevice* opened) {
  opened->io_engine = IoEngine::kFile;
  opened->device = std::make_unique<FileDevice>(std::move(file), FileDeviceOptions{.queue_depth = options.queue_depth});
}

void DriveByUring(DeviceFile file, const UringOptions& options, std::unique_ptr<Ring> ring, OpenedDevice* opened) {
  auto uring = std::make_unique<UringDevice>(std::move(file), options, std::move(ring));
  opened->io_engine = IoEngine::kUring;
  opened->uring = uring.get();
  opened->device = std::move(uring);
}

absl::Status Drive(DeviceFile file, const OpenDeviceOptions& options, OpenedDevice* opened) {
  if (options.io_engine == IoEngine::kFile) {
    if (options.sqpoll || options.iopoll) {
      return absl::InvalidArgumentError("preadv and pwritev know neither SQPOLL nor IOPOLL; use io_uring");
    }
    DriveByFile(std::move(file), options, opened);
    return absl::OkStatus();
  }
  const UringOptions uring_options{.queue_depth = options.queue_depth,
                                   .sqpoll = options.sqpoll,
                                   .iopoll = options.iopoll,
                                   .wake_fd = options.wake_fd};
  absl::StatusOr<std::unique_ptr<Ring>> ring = UringDevice::MakeRing(uring_options, &file);
  if (ring.ok()) {
    DriveByUring(std::move(file), uring_options, *std::move(ring), opened);
    return absl::OkStatus();
  }
  if (!MayFallBack(ring.status(), options)) return ring.status();
  LOG(WARNING) << ring.status().message() << "; using preadv and pwritev instead, slower";
  opened->fallback = ring.status();
  DriveByFile(std::move(file), options, opened);
  return absl::OkStatus();
}

}  // namespace

std::string_view IoEngineName(IoEngine engine) {
  switch (engine) {
    case IoEngine::kAuto:
      return "auto";
    case IoEngine::kUring:
      return "uring";
    case IoEngine::kFile:
      return "file";
  }
  LOG(FATAL) << "an engine that does not exist";
}

absl::StatusOr<OpenedDevice> OpenDevice(const std::string& path, const OpenDeviceOptions& options) {
  absl::StatusOr<DeviceFile> file = DeviceFile::Open(path, options.file);
  if (!file.ok()) return file.status();
  return OpenDevice(*std::move(file), options);
}

absl::StatusOr<OpenedDevice> OpenDevice(DeviceFile file, const OpenDeviceOptions& options) {
  OpenedDevice opened{.geometry = file.geometry()};
  LOG_IF(WARNING, !opened.geometry.direct) << file.path() << " goes through the page cache, slower than O_DIRECT";
  if (absl::Status driven = Drive(std::move(file), options, &opened); !driven.ok()) return driven;
  return opened;
}

std::string DescribeEngine(const OpenedDevice& opened) {
  std::string text = opened.uring != nullptr ? "io_uring" : "preadv and pwritev";
  if (!opened.fallback.ok()) absl::StrAppend(&text, " (", opened.fallback.message(), ")");
  return absl::StrCat(text, opened.geometry.direct ? ", O_DIRECT" : ", page cache");
}

std::string DescribeBuffers(const OpenedDevice& opened) {
  if (opened.uring == nullptr) return "not registered, which only io_uring knows";
  if (opened.uring->buffers_registered()) return "registered";
  const std::optional<uint64_t> bytes = LockableBytes();
  if (!bytes.has_value()) return "may be registered, of any size";
  return absl::StrCat("may be registered, up to RLIMIT_MEMLOCK of ", *bytes >> 10, " KiB (`ulimit -l`)");
}

}  // namespace slotwise
