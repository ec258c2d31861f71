// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_INPUT_FILE_H_
#define SLOTWISE_TOOLS_BASE_INPUT_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "slotwise/unique_fd.h"

namespace slotwise {

// A regular file that is read from its beginning to its end. A folder, a pipe or a device, which may have no end or
// hand out something only once, is refused: InvalidArgument. Errors of the system name the path.
class InputFile {
 public:
  static absl::StatusOr<InputFile> Open(const std::string& path);

  // The next bytes, as many as `out` takes or there are; 0 at the end. REQUIRES: `out` is not empty.
  absl::StatusOr<size_t> Read(std::span<char> out);

 private:
  InputFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  UniqueFd fd_;
};

// All of the file at `path`. Errors as above; InvalidArgument if it has more than `bytes_max`.
absl::StatusOr<std::string> ReadInputFile(const std::string& path, uint64_t bytes_max);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_INPUT_FILE_H_
