// SPDX-License-Identifier: Apache-2.0
#include "iouring/testing/loop_device.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/system/errno_status.h"

namespace slotwise {
namespace {

constexpr char kControl[] = "/dev/loop-control";
// Another process may take the free device between the question and the use.
constexpr int kAttemptsMax = 64;

loop_config Configuration(int backing_fd, const LoopDeviceOptions& options) {
  loop_config config = {};
  config.fd = static_cast<uint32_t>(backing_fd);
  config.block_size = options.block_bytes;
  config.info.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO;
  if (options.read_only) config.info.lo_flags |= LO_FLAGS_READ_ONLY;
  return config;
}

absl::StatusOr<std::string> FreeDevice() {
  const UniqueFd control(::open(kControl, O_RDWR | O_CLOEXEC));
  if (!control.valid()) return ErrnoStatus(errno, absl::StrCat("cannot open ", kControl));
  const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
  if (number < 0) return ErrnoStatus(errno, "no loop device is free");
  return absl::StrCat("/dev/loop", number);
}

}  // namespace

std::optional<std::string> LoopDevice::Unavailable() {
  if (::geteuid() != 0) return "loop devices need root";
  if (::access(kControl, R_OK | W_OK) != 0) return absl::StrCat(kControl, " is missing");
  return std::nullopt;
}

LoopDevice::LoopDevice(std::string backing_path) : backing_path_(std::move(backing_path)) {}

LoopDevice::~LoopDevice() { ::unlink(backing_path_.c_str()); }

void LoopDevice::Detach() {
  PCHECK(::ioctl(fd_.get(), LOOP_CLR_FD) == 0);
  fd_ = UniqueFd();
}

absl::StatusOr<std::unique_ptr<LoopDevice>> LoopDevice::Create(const LoopDeviceOptions& options) {
  std::string backing_path = absl::StrCat(options.directory, "/slotwise_loop_XXXXXX");
  const UniqueFd backing(::mkostemp(backing_path.data(), O_CLOEXEC));
  if (!backing.valid()) return ErrnoStatus(errno, absl::StrCat("cannot create ", backing_path));
  std::unique_ptr<LoopDevice> device(new LoopDevice(backing_path));
  if (::ftruncate(backing.get(), static_cast<off_t>(options.bytes)) != 0) {
    return ErrnoStatus(errno, absl::StrCat("cannot size ", backing_path));
  }
  const loop_config config = Configuration(backing.get(), options);
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    absl::StatusOr<std::string> path = FreeDevice();
    if (!path.ok()) return path.status();
    UniqueFd fd(::open(path->c_str(), O_RDWR | O_CLOEXEC));
    if (fd.valid() && ::ioctl(fd.get(), LOOP_CONFIGURE, &config) == 0) {
      device->path_ = *std::move(path);
      device->fd_ = std::move(fd);
      return device;
    }
    if (errno != EBUSY) return ErrnoStatus(errno, absl::StrCat("cannot attach ", *path, " to ", backing_path));
  }
  return absl::UnavailableError("every loop device is taken by another process before it can be used");
}

}  // namespace slotwise
