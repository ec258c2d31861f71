// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/file_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace slotwise {

absl::StatusOr<std::unique_ptr<FileSource>> FileSource::Open(const std::string& path) {
  struct stat about = {};
  if (::stat(path.c_str(), &about) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  if (!S_ISREG(about.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, ": is not a regular file"));
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  return std::unique_ptr<FileSource>(new FileSource(path, descriptor));
}

FileSource::~FileSource() { ::close(descriptor_); }

absl::StatusOr<size_t> FileSource::Read(std::span<char> out) {
  size_t count = 0;
  while (count < out.size()) {
    const ssize_t got = ::read(descriptor_, out.data() + count, out.size() - count);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path_));
    if (got == 0) break;
    count += static_cast<size_t>(got);
  }
  return count;
}

}  // namespace slotwise
