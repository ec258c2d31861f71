// SPDX-License-Identifier: Apache-2.0
#include "tools/bench/peers/page_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "iouring/system/errno_status.h"
#include "slotwise/unique_fd.h"
#include "tools/bench/peers/file_io.h"

namespace slotwise {
namespace {

absl::StatusOr<uint64_t> SizeOf(const UniqueFd& file) {
  struct stat found = {};
  if (::fstat(file.get(), &found) != 0) return ErrnoStatus(errno, "cannot look at a file");
  return static_cast<uint64_t>(found.st_size);
}

// A database that is open has its first pages mapped, and what the kernel maps with them.
constexpr uint64_t kMappedBytesMax = 256 << 10;

using Visitor = absl::FunctionRef<absl::Status(const UniqueFd&)>;

absl::Status Visit(const std::string& path, Visitor visit) {
  const absl::StatusOr<UniqueFd> file = OpenFile(path, O_RDONLY);
  return file.ok() ? visit(*file) : file.status();
}

absl::Status VisitFolder(const std::string& folder, Visitor visit) {
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != std::filesystem::recursive_directory_iterator(); entry.increment(error)) {
    if (!entry->is_regular_file(error)) continue;
    if (absl::Status visited = Visit(entry->path().string(), visit); !visited.ok()) return visited;
  }
  return error ? ErrnoStatus(error.value(), absl::StrCat("cannot list ", folder)) : absl::OkStatus();
}

absl::Status ForEachFile(const std::string& path, Visitor visit) {
  std::error_code error;
  return std::filesystem::is_directory(path, error) ? VisitFolder(path, visit) : Visit(path, visit);
}

// Of one file.
absl::StatusOr<uint64_t> CachedBytes(const UniqueFd& file) {
  absl::StatusOr<uint64_t> size = SizeOf(file);
  if (!size.ok() || *size == 0) return size;
  void* const map = ::mmap(nullptr, *size, PROT_READ, MAP_SHARED, file.get(), 0);
  if (map == MAP_FAILED) return ErrnoStatus(errno, "cannot map a file");
  const auto page_bytes = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages((*size + page_bytes - 1) / page_bytes);
  const int error = ::mincore(map, *size, pages.data()) == 0 ? 0 : errno;
  ::munmap(map, *size);
  if (error != 0) return ErrnoStatus(error, "cannot ask what the page cache holds");
  const auto cached = std::count_if(pages.begin(), pages.end(), [](unsigned char page) { return (page & 1) != 0; });
  return static_cast<uint64_t>(cached) * page_bytes;
}

absl::Status Drop(const UniqueFd& file) {
  if (absl::Status synced = SyncFile(file); !synced.ok()) return synced;
  const int error = ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED);
  return error == 0 ? absl::OkStatus() : ErrnoStatus(error, "cannot drop a file from the page cache");
}

}  // namespace

absl::StatusOr<uint64_t> CachedBytes(const std::string& path) {
  uint64_t total = 0;
  absl::Status status = ForEachFile(path, [&total](const UniqueFd& file) {
    const absl::StatusOr<uint64_t> cached = CachedBytes(file);
    total += cached.value_or(0);
    return cached.status();
  });
  if (!status.ok()) return status;
  return total;
}

absl::Status DropFromPageCache(const std::string& path) {
  uint64_t bytes = 0;
  absl::Status dropped = ForEachFile(path, [&bytes](const UniqueFd& file) {
    bytes += SizeOf(file).value_or(0);
    return Drop(file);
  });
  if (!dropped.ok()) return dropped;
  const absl::StatusOr<uint64_t> cached = CachedBytes(path);
  if (!cached.ok()) return cached.status();
  if (*cached <= std::max(bytes / 100, kMappedBytesMax)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("the page cache keeps ", *cached, " of ", bytes, " bytes in ", path,
                                                    "; use a file system on a disk"));
}

}  // namespace slotwise
