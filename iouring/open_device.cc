// SPDX-License-Identifier: Apache-2.0
#include "iouring/open_device.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/file_device.h"
#include "iouring/lockable_memory.h"

namespace slotwise {
namespace {

// Sets the engine, and why it is not the one that kAuto prefers.
absl::Status Choose(const OpenDeviceOptions& options, OpenedDevice* opened) {
  const bool polls = options.sqpoll || options.iopoll;
  opened->io_engine = options.io_engine;
  if (options.io_engine == IoEngine::kFile) {
    return polls ? absl::InvalidArgumentError("preadv and pwritev know neither SQPOLL nor IOPOLL; use io_uring")
                 : absl::OkStatus();
  }
  absl::Status available = UringDevice::Available();
  opened->io_engine = available.ok() ? IoEngine::kUring : IoEngine::kFile;
  const bool forbidden = absl::IsUnimplemented(available) || absl::IsPermissionDenied(available);
  if (options.io_engine == IoEngine::kUring || polls || !forbidden) return available;
  opened->fallback = available;
  LOG(WARNING) << available.message() << "; using preadv and pwritev instead, slower";
  return absl::OkStatus();
}

absl::Status Drive(DeviceFile file, const OpenDeviceOptions& options, OpenedDevice* opened) {
  if (opened->io_engine == IoEngine::kFile) {
    opened->device =
        std::make_unique<FileDevice>(std::move(file), FileDeviceOptions{.queue_depth = options.queue_depth});
    return absl::OkStatus();
  }
  absl::StatusOr<std::unique_ptr<UringDevice>> uring =
      UringDevice::Create(std::move(file), {.queue_depth = options.queue_depth,
                                            .sqpoll = options.sqpoll,
                                            .iopoll = options.iopoll,
                                            .wake_fd = options.wake_fd});
  if (!uring.ok()) return uring.status();
  opened->uring = uring->get();
  opened->device = *std::move(uring);
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
  if (absl::Status chosen = Choose(options, &opened); !chosen.ok()) return chosen;
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
