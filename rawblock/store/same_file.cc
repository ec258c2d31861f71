// SPDX-License-Identifier: Apache-2.0
#include "rawblock/store/same_file.h"

#include <sys/stat.h>

#include <filesystem>
#include <optional>

namespace slotwise {
namespace {

// What a file is known by, whatever its names are.
struct Inode {
  dev_t device;
  ino_t number;
  bool operator==(const Inode&) const = default;
};

std::optional<Inode> InodeOf(const std::string& path) {
  struct stat about = {};
  if (::stat(path.c_str(), &about) != 0) return std::nullopt;
  return Inode{about.st_dev, about.st_ino};
}

std::optional<Inode> FolderOf(const std::filesystem::path& path) {
  return InodeOf(path.has_parent_path() ? path.parent_path().string() : ".");
}

// One name in one folder.
bool SameName(const std::filesystem::path& a, const std::filesystem::path& b) {
  if (!a.has_filename() || a.filename() != b.filename()) return false;
  const std::optional<Inode> folder = FolderOf(a);
  return folder.has_value() && folder == FolderOf(b);
}

}  // namespace

bool SameFile(const std::string& a, const std::string& b) {
  const std::optional<Inode> inode = InodeOf(a);
  return (inode.has_value() && inode == InodeOf(b)) || SameName(a, b);
}

bool SameFile(const std::string& path, int fd) {
  struct stat about = {};
  return ::fstat(fd, &about) == 0 && InodeOf(path) == Inode{about.st_dev, about.st_ino};
}

}  // namespace slotwise
