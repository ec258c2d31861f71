// SPDX-License-Identifier: Apache-2.0
#include "iouring/create_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/system/errno_status.h"

namespace slotwise {
namespace {

constexpr size_t kReadBytes = 1 << 20;
constexpr uint64_t kBytesOfStatBlock = 512;

std::filesystem::path FolderOf(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return folder.empty() ? std::filesystem::path(".") : folder;
}

// Whatever way leads there. /dev/shm is a file system for files.
bool IsAmongDevices(const std::string& path) {
  std::error_code error;
  const std::string folder = std::filesystem::canonical(FolderOf(path), error).string() + "/";
  return absl::StartsWith(folder, "/dev/") && !absl::StartsWith(folder, "/dev/shm/");
}

absl::Status CreateError(int error, const std::string& path) {
  if (error != ENOENT) return ErrnoStatus(error, absl::StrCat("cannot create ", path));
  return absl::NotFoundError(
      absl::StrCat("cannot create ", path, ": there is no folder ", FolderOf(path).string(), "; make it first"));
}

// What is missing of the first bytes of a file, and what its file system has for it.
struct Space {
  uint64_t missing = 0;
  uint64_t free = 0;
};

absl::StatusOr<Space> SpaceFor(int fd, uint64_t bytes) {
  struct stat file;
  struct statfs system;
  if (::fstat(fd, &file) != 0 || ::fstatfs(fd, &system) != 0) return ErrnoStatus(errno, "cannot examine it");
  const uint64_t held = static_cast<uint64_t>(file.st_blocks) * kBytesOfStatBlock;
  const uint64_t free = static_cast<uint64_t>(system.f_bfree) * static_cast<uint64_t>(system.f_bsize);
  // A tmpfs without a limit counts no blocks.
  return Space{.missing = bytes - std::min(bytes, held),
               .free = system.f_blocks == 0 ? std::numeric_limits<uint64_t>::max() : free};
}

absl::Status NoRoom(uint64_t bytes, const Space& space) {
  return absl::ResourceExhaustedError(absl::StrCat("of ", bytes, " bytes ", space.missing,
                                                   " are still to be reserved, but its file system has ", space.free,
                                                   " free; make room, or give a smaller capacity"));
}

// Beyond the limit the system would end the process.
absl::Status CheckSizeLimit(uint64_t bytes) {
  rlimit limit;
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || bytes <= limit.rlim_cur) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrCat(bytes, " bytes are more than a file of this process may have, ",
                                            limit.rlim_cur, "; raise RLIMIT_FSIZE (`ulimit -f`)"));
}

bool IsOnBtrfs(int fd) {
  struct statfs system;
  return ::fstatfs(fd, &system) == 0 && system.f_type == BTRFS_SUPER_MAGIC;
}

// Btrfs writes a new copy of what is overwritten, which takes room that is not reserved. Only an empty file can be told
// not to.
void ForbidCopies(int fd, const std::string& path, bool is_empty) {
  if (!IsOnBtrfs(fd)) return;
  int flags = 0;
  const bool readable = ::ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0;
  if ((flags & FS_NOCOW_FL) != 0) return;
  flags |= FS_NOCOW_FL;
  if (readable && is_empty && ::ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0) return;
  LOG(WARNING) << path << " is copied where it is overwritten, so writes fail once its file system is full; remove it "
               << "and let it be made anew to avoid that";
}

absl::Status Allocate(int fd, uint64_t bytes, uint64_t old_bytes, const std::string& path) {
  const absl::StatusOr<Space> space = SpaceFor(fd, bytes);
  if (!space.ok()) return space.status();
  if (space->missing > space->free) return NoRoom(bytes, *space);
  if (::fallocate(fd, 0, 0, static_cast<off_t>(bytes)) == 0) return absl::OkStatus();
  const int error = errno;
  if (error == EOPNOTSUPP) {
    LOG(WARNING) << "the file system of " << path << " reserves no space; once it is full, writes fail";
    if (bytes <= old_bytes || ::ftruncate(fd, static_cast<off_t>(bytes)) == 0) return absl::OkStatus();
    return ErrnoStatus(errno, absl::StrCat("cannot give it ", bytes, " bytes"));
  }
  if (::ftruncate(fd, static_cast<off_t>(old_bytes)) != 0) PLOG(WARNING) << "cannot shorten " << path << " again";
  return error == ENOSPC ? NoRoom(bytes, *space) : ErrnoStatus(error, absl::StrCat("cannot reserve ", bytes, " bytes"));
}

absl::Status Reserve(int fd, uint64_t bytes, const std::string& path) {
  if (bytes > static_cast<uint64_t>(std::numeric_limits<off_t>::max())) return ErrnoStatus(EFBIG, "size");
  struct stat info;
  if (::fstat(fd, &info) != 0) return ErrnoStatus(errno, "cannot examine it");
  const auto old_bytes = static_cast<uint64_t>(info.st_size);
  if (bytes > old_bytes) {
    if (absl::Status limited = CheckSizeLimit(bytes); !limited.ok()) return limited;
  }
  ForbidCopies(fd, path, old_bytes == 0);
  if (bytes == 0) return absl::OkStatus();
  if (absl::Status allocated = Allocate(fd, bytes, old_bytes, path); !allocated.ok()) return allocated;
  return ::fsync(fd) == 0 ? absl::OkStatus() : ErrnoStatus(errno, "cannot make it durable");
}

absl::Status SyncFolder(const std::string& path) {
  const UniqueFd folder(::open(FolderOf(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return ErrnoStatus(errno, "cannot open its folder");
  return ::fsync(folder.get()) == 0 ? absl::OkStatus() : ErrnoStatus(errno, "cannot make its name durable");
}

// Whether [from, to) holds zeros only.
absl::StatusOr<bool> IsZero(int fd, off_t from, off_t to) {
  std::vector<char> bytes(kReadBytes);
  while (from < to) {
    const ssize_t got = ::pread(fd, bytes.data(), std::min<size_t>(bytes.size(), static_cast<size_t>(to - from)), from);
    if (got < 0) return ErrnoStatus(errno, "cannot read it");
    if (got == 0) return true;
    if (std::any_of(bytes.begin(), bytes.begin() + got, [](char byte) { return byte != 0; })) return false;
    from += got;
  }
  return true;
}

UniqueFd Duplicate(int fd) { return UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)); }

// Whether `path` names what `fd` is.
bool Names(const std::string& path, int fd) {
  struct stat named;
  struct stat held;
  return ::lstat(path.c_str(), &named) == 0 && ::fstat(fd, &held) == 0 && named.st_dev == held.st_dev &&
         named.st_ino == held.st_ino;
}

}  // namespace

absl::StatusOr<bool> IsMissing(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) == 0) return false;
  if (errno == ELOOP) return absl::FailedPreconditionError(absl::StrCat(path, " is in a loop of links; mend them"));
  if (errno != ENOENT) return ErrnoStatus(errno, absl::StrCat("cannot look for ", path));
  if (::lstat(path.c_str(), &info) != 0) return true;
  return absl::FailedPreconditionError(
      absl::StrCat(path, " is a link to what does not exist; remove the link, or make what it names"));
}

absl::StatusOr<DeviceFile> CreateFile(const std::string& path, uint64_t bytes, const DeviceFileOptions& options) {
  if (IsAmongDevices(path)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " does not exist, and no file is created among devices; name a device that is there"));
  }
  const UniqueFd made = AboveStandardStreams(::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
  if (!made.valid()) return CreateError(errno, path);
  // Who has locked it meanwhile makes a store of it, or has done so: it is no longer ours to remove.
  if (::flock(made.get(), LOCK_EX | LOCK_NB) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is in use by another process, which came first"));
  }
  struct stat info;
  if (::fstat(made.get(), &info) != 0 || info.st_size > 0) return CreateError(EEXIST, path);
  absl::StatusOr<DeviceFile> file = DeviceFile::Adopt(path, Duplicate(made.get()), options);
  UnfinishedFile unfinished(path, made.get());  // goes while the lock is held
  if (!file.ok()) return file;
  if (absl::Status reserved = ReserveFile(&*file, bytes); !reserved.ok()) {
    return absl::Status(reserved.code(), absl::StrCat("cannot create ", std::string(reserved.message())));
  }
  if (absl::Status synced = SyncFolder(path); !synced.ok()) return synced;
  unfinished.Keep();
  return file;
}

absl::Status ReserveFile(DeviceFile* file, uint64_t bytes) {
  const absl::Status reserved = Reserve(file->fd(), bytes, file->path());
  if (reserved.ok()) return file->Measure();
  return absl::Status(reserved.code(), absl::StrCat(file->path(), ": ", reserved.message()));
}

absl::StatusOr<bool> IsBlank(const DeviceFile& file) {
  const UniqueFd fd(::open(absl::StrCat("/proc/self/fd/", file.fd()).c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return ErrnoStatus(errno, absl::StrCat("cannot read ", file.path()));
  off_t end = 0;
  for (;;) {
    const off_t from = ::lseek(fd.get(), end, SEEK_DATA);
    if (from < 0 && errno == ENXIO) return true;  // holes only
    if (from >= 0) end = ::lseek(fd.get(), from, SEEK_HOLE);
    if (from < 0 || end < 0) return ErrnoStatus(errno, absl::StrCat("cannot read ", file.path()));
    absl::StatusOr<bool> zero = IsZero(fd.get(), from, end);
    if (!zero.ok() || !*zero) return zero;
  }
}

UnfinishedFile::UnfinishedFile(std::string path, int fd) : path_(std::move(path)), fd_(Duplicate(fd)) {}

void UnfinishedFile::Remove() {
  const UniqueFd fd = std::move(fd_);
  if (!fd.valid() || ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 || !Names(path_, fd.get())) return;
  if (::unlink(path_.c_str()) != 0) PLOG(WARNING) << "cannot remove " << path_ << ", which is not finished";
}

}  // namespace slotwise
