// SPDX-License-Identifier: Apache-2.0
#include "iouring/device_claim.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <fstream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "glog/logging.h"
#include "iouring/system/backoff.h"
#include "iouring/system/errno_status.h"

namespace slotwise {
namespace {

absl::Status OpenError(int error, const std::string& path, int flags) {
  if (error == EROFS) return ReadOnlyError(path);
  if (error == EINVAL && (flags & O_DIRECT) != 0) return NoDirectIoError(path);
  const bool reads = (flags & O_ACCMODE) == O_RDONLY;
  return ErrnoStatus(error, absl::StrCat("cannot open ", path, reads ? " for reading" : " for writing"));
}

absl::Status InUseError(const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat(
      path, " is mounted or in use by another process; unmount it, or stop its user (`lsblk`, `lslocks`), first"));
}

bool IsClaimed(int error) { return error == EBUSY || error == EWOULDBLOCK; }

// 0, or the errno; IsClaimed if another has it.
int TryToClaim(const std::string& path, int flags, UniqueFd* claimed) {
  UniqueFd fd = AboveStandardStreams(::open(path.c_str(), flags));
  if (!fd.valid() || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) return errno;
  *claimed = std::move(fd);
  return 0;
}

std::optional<dev_t> BlockDeviceAt(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0 || !S_ISBLK(info.st_mode)) return std::nullopt;
  return info.st_rdev;
}

// The whole disk of a partition, as sysfs tells.
std::optional<dev_t> DiskOf(dev_t device) {
  const std::string directory = absl::StrCat("/sys/dev/block/", major(device), ":", minor(device));
  if (!std::ifstream(directory + "/partition").is_open()) return std::nullopt;
  std::ifstream in(directory + "/../dev");
  unsigned disk_major = 0, disk_minor = 0;
  if (char colon = 0; !(in >> disk_major >> colon >> disk_minor)) return std::nullopt;
  return ::makedev(disk_major, disk_minor);
}

// It, a partition of it or the disk that it is a partition of. A line of mountinfo names the source of the mount last
// but one.
bool IsMounted(const std::string& path) {
  const std::optional<dev_t> device = BlockDeviceAt(path);
  if (!device.has_value()) return false;
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    const size_t end = line.rfind(' ');
    const size_t begin = end == std::string::npos ? end : line.rfind(' ', end - 1);
    if (begin == std::string::npos) continue;
    const std::optional<dev_t> source = BlockDeviceAt(line.substr(begin + 1, end - begin - 1));
    if (source.has_value() && (source == device || DiskOf(*source) == device || DiskOf(*device) == source)) return true;
  }
  return false;
}

bool IsUnclaimed(const UniqueFd& unclaimed, bool is_block_device) {
  if (!is_block_device) return ::flock(unclaimed.get(), LOCK_EX | LOCK_NB) == 0 || !IsClaimed(errno);
  const UniqueFd probe(::open(absl::StrCat("/proc/self/fd/", unclaimed.get()).c_str(), O_RDONLY | O_EXCL | O_CLOEXEC));
  return probe.valid() || !IsClaimed(errno);
}

}  // namespace

absl::StatusOr<UniqueFd> Claim(const std::string& path, int flags, absl::Duration wait) {
  UniqueFd claimed;
  int error = TryToClaim(path, flags, &claimed);
  if (IsClaimed(error) && wait > absl::ZeroDuration() && !IsMounted(path)) {
    LOG(WARNING) << path
                 << " is in use; if by a process that was killed, the kernel is finishing its writes: waiting up to "
                 << wait << " for it";
    Backoff backoff(wait);
    for (absl::Duration pause = backoff.Next(); pause > absl::ZeroDuration() && IsClaimed(error);
         pause = backoff.Next()) {
      absl::SleepFor(pause);
      error = TryToClaim(path, flags, &claimed);
    }
  }
  if (error == 0) return claimed;
  return IsClaimed(error) ? InUseError(path) : OpenError(error, path, flags);
}

absl::Status ReadOnlyError(const std::string& path) {
  return absl::FailedPreconditionError(absl::StrCat(path, " is read-only; make it writable or choose another device"));
}

absl::Status NoDirectIoError(const std::string& path) {
  return absl::FailedPreconditionError(
      absl::StrCat("the file system of ", path,
                   " does not support O_DIRECT; choose another one, or accept the page cache (`buffered`)"));
}

bool AwaitUnclaimed(const UniqueFd& unclaimed, bool is_block_device, absl::Duration limit) {
  Backoff backoff(limit);
  while (!IsUnclaimed(unclaimed, is_block_device)) {
    const absl::Duration pause = backoff.Next();
    if (pause == absl::ZeroDuration()) return false;
    absl::SleepFor(pause);
  }
  return true;
}

}  // namespace slotwise
