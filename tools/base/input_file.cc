// SPDX-License-Identifier: Apache-2.0
#include "tools/base/input_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace slotwise {

absl::StatusOr<InputFile> InputFile::Open(const std::string& path) {
  struct stat about = {};
  if (::stat(path.c_str(), &about) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  // Looked at before it is opened, which some devices take for a command, and after, lest it was exchanged.
  const bool regular = S_ISREG(about.st_mode);
  UniqueFd fd(regular ? ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1);
  if (regular && !fd.valid()) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  if (regular && ::fstat(fd.get(), &about) == 0 && S_ISREG(about.st_mode)) return InputFile(path, std::move(fd));
  return absl::InvalidArgumentError(absl::StrCat(path, ": is not a regular file"));
}

absl::StatusOr<size_t> InputFile::Read(std::span<char> out) {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t count = ::read(fd_.get(), out.data() + done, out.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path_));
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  return done;
}

absl::StatusOr<std::string> ReadInputFile(const std::string& path, uint64_t bytes_max) {
  absl::StatusOr<InputFile> file = InputFile::Open(path);
  if (!file.ok()) return file.status();
  std::string text;
  std::array<char, 65536> piece;
  for (;;) {
    const absl::StatusOr<size_t> count = file->Read(piece);
    if (!count.ok()) return count.status();
    if (*count == 0) return text;
    text.append(piece.data(), *count);
    if (text.size() <= bytes_max) continue;
    return absl::InvalidArgumentError(absl::StrCat(path, ": has more than ", bytes_max, " bytes"));
  }
}

}  // namespace slotwise
