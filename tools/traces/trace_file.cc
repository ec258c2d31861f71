// SPDX-License-Identifier: Apache-2.0
#include "tools/traces/trace_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tools/traces/decompressed_source.h"

namespace slotwise {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

class FileSource final : public ByteSource {
 public:
  FileSource(File file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  absl::StatusOr<size_t> Read(std::span<char> out) override {
    const size_t count = std::fread(out.data(), 1, out.size(), file_.get());
    if (std::ferror(file_.get()) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot read ", path_));
    return count;
  }

 private:
  File file_;
  std::string path_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ByteSource>> OpenTraceFile(const std::string& path) {
  struct stat about = {};
  if (::stat(path.c_str(), &about) != 0) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  if (!S_ISREG(about.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path, ": is not a regular file"));
  File file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  return std::make_unique<DecompressedSource>(std::make_unique<FileSource>(std::move(file), path), path);
}

}  // namespace slotwise
