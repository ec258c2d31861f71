// SPDX-License-Identifier: Apache-2.0
#include "tools/base/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace slotwise {
namespace {

absl::Status CannotWrite(const std::string& path, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat("cannot write ", path, ": ", reason));
}

}  // namespace

absl::Status CheckOutputFile(const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    return CannotWrite(path, "it is not a regular file");
  }
  if (std::filesystem::exists(status) && ::access(path.c_str(), W_OK) != 0) {
    return CannotWrite(path, "it may not be written");
  }
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  if (::access(parent.empty() ? "." : parent.c_str(), W_OK | X_OK) == 0) return absl::OkStatus();
  return CannotWrite(path, "its directory does not exist or may not be written");
}

absl::Status WriteOutputFile(const std::string& path, std::string_view text) {
  const std::string unfinished = path + ".unfinished";
  std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
  out << text << std::flush;
  if (out && std::rename(unfinished.c_str(), path.c_str()) == 0) return absl::OkStatus();
  absl::Status status = absl::ErrnoToStatus(errno, absl::StrCat("cannot write ", path));
  ::unlink(unfinished.c_str());
  return status;
}

}  // namespace slotwise
