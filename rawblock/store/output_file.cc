// SPDX-License-Identifier: Apache-2.0
#include "rawblock/store/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "iouring/system/errno_status.h"
#include "rawblock/disk/format.h"
#include "rawblock/store/same_file.h"
#include "slotwise/unique_fd.h"

namespace slotwise {
namespace {

std::string UnfinishedOf(const std::string& path) { return path + ".unfinished"; }

absl::Status Refuse(const std::string& path, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat("cannot write ", path, ": ", reason, "; name another file"));
}

// Either copy of a superblock tells, for the other may be damaged.
bool HoldsStore(int file) {
  for (uint64_t copy = 0; copy < format::kSuperblockCopies; ++copy) {
    char magic[sizeof(format::kSuperblockMagic)];
    const ssize_t count = ::pread(file, magic, sizeof(magic), static_cast<off_t>(copy * format::kSuperblockStride));
    if (count == sizeof(magic) && std::memcmp(magic, format::kSuperblockMagic, sizeof(magic)) == 0) return true;
  }
  return false;
}

absl::Status CheckContents(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file.valid()) return Refuse(path, "it cannot be read, to see that it is no store");
  return HoldsStore(file.get()) ? Refuse(path, "it holds a Slotwise store") : absl::OkStatus();
}

// What is at `path` itself.
absl::Status CheckFile(const std::string& path) {
  struct stat about = {};
  if (::lstat(path.c_str(), &about) != 0) {
    if (errno == ENOENT) return absl::OkStatus();
    return absl::InvalidArgumentError(ErrnoStatus(errno, absl::StrCat("cannot write ", path)).message());
  }
  if (S_ISLNK(about.st_mode)) return Refuse(path, "it is a symbolic link");
  if (!S_ISREG(about.st_mode)) return Refuse(path, "it is not a regular file");
  if (::access(path.c_str(), W_OK) != 0) return Refuse(path, "it may not be written");
  if (SameFile(path, STDOUT_FILENO)) return Refuse(path, "it is the standard output");
  if (SameFile(path, STDERR_FILENO)) return Refuse(path, "it is the standard error");
  return CheckContents(path);
}

absl::Status CheckFolder(const std::string& path) {
  const std::filesystem::path parsed(path);
  if (!parsed.has_filename()) return Refuse(path, "it is a folder");
  const std::string folder = parsed.has_parent_path() ? parsed.parent_path().string() : ".";
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return absl::OkStatus();
  return Refuse(path, "its folder does not exist or may not be written");
}

absl::Status CheckPlace(const std::string& path) {
  absl::Status status = CheckFolder(path);
  if (status.ok()) status = CheckFile(path);
  if (status.ok()) status = CheckFile(UnfinishedOf(path));
  return status;
}

bool Overlap(const std::string& output, const std::string& kept) {
  return SameFile(output, kept) || SameFile(UnfinishedOf(output), kept);
}

absl::Status WriteAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(file, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return ErrnoStatus(errno, "write");
    text.remove_prefix(static_cast<size_t>(count));
  }
  return absl::OkStatus();
}

// Some file systems tell of a lost write only when a descriptor is closed.
absl::Status CloseCopy(int file) {
  const int copy = ::dup(file);
  return copy >= 0 && ::close(copy) == 0 ? absl::OkStatus() : ErrnoStatus(errno, "close");
}

absl::Status WriteNewFile(const std::string& path, std::string_view text) {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file.valid()) return ErrnoStatus(errno, "open");
  absl::Status written = WriteAll(file.get(), text);
  return written.ok() ? CloseCopy(file.get()) : written;
}

absl::Status Rename(const std::string& from, const std::string& to) {
  return std::rename(from.c_str(), to.c_str()) == 0 ? absl::OkStatus() : ErrnoStatus(errno, "rename");
}

// What `outputs[index]` must not be.
absl::Status CheckDistinct(const std::vector<std::string>& outputs, size_t index,
                           const std::vector<std::string>& kept) {
  const std::string& output = outputs[index];
  for (const std::string& path : kept) {
    if (Overlap(output, path)) return Refuse(output, absl::StrCat("that would overwrite ", path));
  }
  for (size_t other = 0; other < index; ++other) {
    if (!Overlap(output, outputs[other]) && !Overlap(outputs[other], output)) continue;
    return Refuse(output, absl::StrCat("it is also what ", outputs[other], " is written to"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckOutputFiles(const std::vector<std::string>& outputs, const std::vector<std::string>& kept) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].empty()) continue;
    if (absl::Status status = CheckPlace(outputs[i]); !status.ok()) return status;
    if (absl::Status status = CheckDistinct(outputs, i, kept); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status WriteOutputFile(const std::string& path, std::string_view text) {
  if (absl::Status status = CheckPlace(path); !status.ok()) return status;
  const std::string unfinished = UnfinishedOf(path);
  ::unlink(unfinished.c_str());  // of one who was killed
  absl::Status status = WriteNewFile(unfinished, text);
  if (status.ok()) status = Rename(unfinished, path);
  if (status.ok()) return status;
  ::unlink(unfinished.c_str());
  return absl::Status(status.code(), absl::StrCat("cannot write ", path, ": ", status.message()));
}

}  // namespace slotwise
