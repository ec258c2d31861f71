// SPDX-License-Identifier: Apache-2.0
#include "iouring/device_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <fstream>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "iouring/device_claim.h"
#include "iouring/system/errno_status.h"

namespace slotwise {
namespace {

constexpr uint32_t kSectorBytes = 512;
constexpr uint32_t kFileAlignment = 4096;
constexpr absl::Duration kClaimEndsWithin = absl::Seconds(1);  // of the end of a ring that has it, as a rule at once

uint64_t RoundDown(uint64_t value, uint64_t unit) { return value - value % unit; }

// Looked up before the open, which would wait for the writer of a FIFO.
absl::StatusOr<bool> IsBlockDevice(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) return ErrnoStatus(errno, absl::StrCat("cannot open ", path));
  if (S_ISBLK(info.st_mode)) return true;
  if (S_ISREG(info.st_mode)) return false;
  return absl::InvalidArgumentError(
      absl::StrCat(path, " is neither a block device nor a regular file; name one of these"));
}

int OpenFlags(const DeviceFileOptions& options, bool is_block_device) {
  return O_CLOEXEC | (options.read_only ? O_RDONLY : O_RDWR) | (options.buffered ? 0 : O_DIRECT) |
         (is_block_device ? O_EXCL : 0);
}

// A number of the device's request queue, which a partition shares with its
// disk; 0 where sysfs has none.
uint64_t QueueAttribute(dev_t device, const char* name) {
  const std::string directory = absl::StrCat("/sys/dev/block/", major(device), ":", minor(device));
  for (const char* queue : {"/queue/", "/../queue/"}) {
    std::ifstream in(absl::StrCat(directory, queue, name));
    if (uint64_t value = 0; in >> value) return value;
  }
  return 0;
}

// A power of two, so that cuts fall where the medium likes them. The pages of a
// buffer may lie anywhere in memory, and then each is a segment.
uint64_t TransferBytesMax(dev_t device, uint32_t alignment) {
  uint64_t bytes = std::numeric_limits<uint64_t>::max();
  const uint64_t limits[] = {QueueAttribute(device, "max_sectors_kb") << 10,
                             QueueAttribute(device, "max_segments") * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE))};
  for (const uint64_t limit : limits) {
    if (limit > 0) bytes = std::min(bytes, limit);
  }
  if (bytes == std::numeric_limits<uint64_t>::max()) return 0;
  return std::max<uint64_t>(std::bit_floor(bytes), alignment);
}

absl::StatusOr<DeviceGeometry> BlockDeviceGeometry(int fd, const std::string& path) {
  struct stat info;
  uint64_t bytes = 0;
  int logical = 0;
  unsigned physical = 0;
  if (::fstat(fd, &info) != 0 || ::ioctl(fd, BLKGETSIZE64, &bytes) != 0 || ::ioctl(fd, BLKSSZGET, &logical) != 0 ||
      ::ioctl(fd, BLKPBSZGET, &physical) != 0) {
    return ErrnoStatus(errno, absl::StrCat("cannot read the geometry of ", path));
  }
  if (bytes == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is a device without a medium; insert one, or attach a file to it (losetup)"));
  }
  const uint32_t alignment = std::max(static_cast<uint32_t>(logical), kSectorBytes);
  return DeviceGeometry{.size = RoundDown(bytes, alignment),
                        .alignment = alignment,
                        .physical_block_bytes = std::max(physical, alignment),
                        .transfer_bytes_max = TransferBytesMax(info.st_rdev, alignment),
                        .polled = QueueAttribute(info.st_rdev, "io_poll") != 0,
                        .is_block_device = true};
}

absl::StatusOr<DeviceGeometry> FileGeometry(int fd, const std::string& path) {
  struct statx info;
  if (::statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_DIOALIGN, &info) != 0) {
    return ErrnoStatus(errno, absl::StrCat("cannot read the geometry of ", path));
  }
  uint32_t alignment = kFileAlignment;
  if ((info.stx_mask & STATX_DIOALIGN) != 0) {
    alignment = std::max({alignment, info.stx_dio_offset_align, info.stx_dio_mem_align});
  }
  return DeviceGeometry{.size = RoundDown(info.stx_size, alignment),
                        .alignment = alignment,
                        .physical_block_bytes = std::max<uint32_t>(info.stx_blksize, alignment),
                        .polled = QueueAttribute(::makedev(info.stx_dev_major, info.stx_dev_minor), "io_poll") != 0};
}

// Some kernels open a read-only block device for writing and fail the writes.
absl::Status CheckWritable(int fd, const std::string& path) {
  int read_only = 0;
  if (::ioctl(fd, BLKROGET, &read_only) != 0) return ErrnoStatus(errno, absl::StrCat("cannot examine ", path));
  return read_only != 0 ? ReadOnlyError(path) : absl::OkStatus();
}

// The path may have come to name another file before the claim was had: a creator who gives up removes its file.
absl::Status CheckStillNamed(int fd, const std::string& path) {
  struct stat claimed;
  struct stat named;
  if (::fstat(fd, &claimed) != 0 || ::stat(path.c_str(), &named) != 0) {
    return ErrnoStatus(errno, absl::StrCat("cannot open ", path));
  }
  if (claimed.st_dev == named.st_dev && claimed.st_ino == named.st_ino) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(path, " was replaced while it was being opened; try again"));
}

absl::StatusOr<DeviceGeometry> GeometryOf(int fd, const std::string& path, bool is_block_device, bool direct) {
  absl::StatusOr<DeviceGeometry> geometry = is_block_device ? BlockDeviceGeometry(fd, path) : FileGeometry(fd, path);
  if (geometry.ok()) geometry->direct = direct;
  return geometry;
}

}  // namespace

DeviceFile::DeviceFile(std::string path, UniqueFd fd, const DeviceGeometry& geometry)
    : path_(std::move(path)), fd_(std::move(fd)), geometry_(geometry) {}

absl::StatusOr<DeviceFile> DeviceFile::Open(const std::string& path, const DeviceFileOptions& options) {
  const absl::StatusOr<bool> is_block_device = IsBlockDevice(path);
  if (!is_block_device.ok()) return is_block_device.status();
  absl::StatusOr<UniqueFd> fd = Claim(path, OpenFlags(options, *is_block_device), options.claim_wait);
  if (!fd.ok()) return fd.status();
  if (!*is_block_device) {
    if (absl::Status named = CheckStillNamed(fd->get(), path); !named.ok()) return named;
  } else if (!options.read_only) {
    if (absl::Status writable = CheckWritable(fd->get(), path); !writable.ok()) return writable;
  }
  const absl::StatusOr<DeviceGeometry> geometry = GeometryOf(fd->get(), path, *is_block_device, !options.buffered);
  if (!geometry.ok()) return geometry.status();
  return DeviceFile(path, *std::move(fd), *geometry);
}

absl::StatusOr<DeviceFile> DeviceFile::Adopt(const std::string& path, UniqueFd fd, const DeviceFileOptions& options) {
  if (!options.buffered && ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_DIRECT) != 0) {
    return errno == EINVAL ? NoDirectIoError(path) : ErrnoStatus(errno, absl::StrCat("cannot open ", path));
  }
  const absl::StatusOr<DeviceGeometry> geometry =
      GeometryOf(fd.get(), path, /*is_block_device=*/false, !options.buffered);
  if (!geometry.ok()) return geometry.status();
  return DeviceFile(path, std::move(fd), *geometry);
}

DeviceFile::~DeviceFile() { Close(); }

absl::Status DeviceFile::CheckProcess() const {
  if (process_.IsCurrent()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      path_, " was opened by the process that this one is a fork of, and is that process's; open it after the fork"));
}

// A lock is that of all forks, which may live on; so it is given back, not only its descriptor.
void DeviceFile::Close() {
  if (!is_open()) return;
  if (process_.IsCurrent()) {
    const bool free = !claim_lent_ || AwaitUnclaimed(fd_, geometry_.is_block_device, kClaimEndsWithin);
    LOG_IF(WARNING, !free) << path_ << " is closed and still in use: another process has it, or a fork of this one";
    ::flock(fd_.get(), LOCK_UN);
  }
  fd_ = UniqueFd();
}

void DeviceFile::LendClaim(UniqueFd unclaimed) {
  fd_ = std::move(unclaimed);
  claim_lent_ = true;
}

absl::StatusOr<UniqueFd> DeviceFile::OpenUnclaimed() const {
  // Through /proc, since another file may have come to the path.
  UniqueFd fd = AboveStandardStreams(
      ::open(absl::StrCat("/proc/self/fd/", fd_.get()).c_str(), ::fcntl(fd_.get(), F_GETFL) | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, absl::StrCat("cannot open ", path_, " again through /proc/self/fd"));
  return fd;
}

absl::StatusOr<DeviceFile> DeviceFile::Unclaimed() const {
  absl::StatusOr<UniqueFd> fd = OpenUnclaimed();
  if (!fd.ok()) return fd.status();
  return DeviceFile(path_, *std::move(fd), geometry_);
}

absl::Status DeviceFile::Measure() {
  const absl::StatusOr<DeviceGeometry> geometry = GeometryOf(fd(), path_, geometry_.is_block_device, geometry_.direct);
  if (geometry.ok()) geometry_ = *geometry;
  return geometry.status();
}

}  // namespace slotwise
