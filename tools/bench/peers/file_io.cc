// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/file_io.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "iouring/system/errno_status.h"

namespace slotwise {

absl::StatusOr<UniqueFd> OpenFile(const std::string& path, int flags) {
  UniqueFd file(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  if (!file.valid()) return ErrnoStatus(errno, absl::StrCat("cannot open ", path));
  return file;
}

absl::Status WriteFully(const UniqueFd& file, std::span<const std::byte> bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t moved = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0) return ErrnoStatus(errno, "cannot write a file");
    bytes = bytes.subspan(static_cast<size_t>(moved));
    offset += static_cast<uint64_t>(moved);
  }
  return absl::OkStatus();
}

absl::Status ReadFully(const UniqueFd& file, std::span<std::byte> bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t moved = ::pread(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (moved < 0 && errno == EINTR) continue;
    if (moved < 0) return ErrnoStatus(errno, "cannot read a file");
    if (moved == 0) return absl::DataLossError("a file ends early");
    bytes = bytes.subspan(static_cast<size_t>(moved));
    offset += static_cast<uint64_t>(moved);
  }
  return absl::OkStatus();
}

absl::Status SyncFile(const UniqueFd& file) {
  return ::fsync(file.get()) == 0 ? absl::OkStatus() : ErrnoStatus(errno, "cannot sync a file");
}

}  // namespace slotwise
