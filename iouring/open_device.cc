// SPDX-License-Identifier: Apache-2.0
#include "iouring/open_device.h"

#include <utility>

#include "glog/logging.h"
#include "iouring/file_device.h"

namespace slotwise {
namespace {

// kUring or kFile.
absl::StatusOr<IoEngine> Choose(const OpenDeviceOptions& options) {
  const bool polls = options.sqpoll || options.iopoll;
  const IoEngine asked = options.io_engine == IoEngine::kAuto && polls ? IoEngine::kUring : options.io_engine;
  if (asked == IoEngine::kFile && polls) {
    return absl::InvalidArgumentError(
        "SQPOLL and IOPOLL are of io_uring; the engine of preadv and pwritev has neither");
  }
  if (asked == IoEngine::kFile) return asked;
  const absl::Status available = UringDevice::Available();
  if (available.ok()) return IoEngine::kUring;
  const bool forbidden = absl::IsUnimplemented(available) || absl::IsPermissionDenied(available);
  if (asked == IoEngine::kUring || !forbidden) return available;
  LOG(WARNING) << available.message() << "; using preadv and pwritev instead, slower";
  return IoEngine::kFile;
}

absl::Status Drive(DeviceFile file, const OpenDeviceOptions& options, OpenedDevice* opened) {
  if (opened->io_engine == IoEngine::kFile) {
    opened->device =
        std::make_unique<FileDevice>(std::move(file), FileDeviceOptions{.queue_depth = options.queue_depth});
    return absl::OkStatus();
  }
  absl::StatusOr<std::unique_ptr<UringDevice>> uring = UringDevice::Create(
      std::move(file), {.queue_depth = options.queue_depth, .sqpoll = options.sqpoll, .iopoll = options.iopoll});
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
  const absl::StatusOr<IoEngine> engine = Choose(options);
  if (!engine.ok()) return engine.status();
  OpenedDevice opened{.io_engine = *engine, .geometry = file->geometry()};
  if (absl::Status driven = Drive(*std::move(file), options, &opened); !driven.ok()) return driven;
  return opened;
}

}  // namespace slotwise
