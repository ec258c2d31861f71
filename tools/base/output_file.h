// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BASE_OUTPUT_FILE_H_
#define SLOTWISE_TOOLS_BASE_OUTPUT_FILE_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace slotwise {

// Whether WriteOutputFile(path) has a chance, so that a long run does not fail
// at its end: there is a directory to write in, and at `path` nothing or a
// regular file that may be written. InvalidArgument if not. Changes nothing.
absl::Status CheckOutputFile(const std::string& path);

// Replaces the file at `path` by `text`, at once: a reader sees the old text or
// the new.
absl::Status WriteOutputFile(const std::string& path, std::string_view text);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BASE_OUTPUT_FILE_H_
