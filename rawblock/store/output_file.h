// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_STORE_OUTPUT_FILE_H_
#define SLOTWISE_RAWBLOCK_STORE_OUTPUT_FILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace slotwise {

// Whether WriteOutputFile may write each of `outputs`: reports, metrics. A program that reads or writes something else,
// above all a device, asks before it does anything, and names that in `kept`: devices, files that are to become stores,
// traces. Empty paths mean nothing. Changes nothing.
//
// An output is written as OUTPUT.unfinished first, so what follows holds for either path. There is nothing, or a
// regular file that may be written; no link, no device, no pipe. It is none of `kept`, nor of the other outputs, by
// whatever name. It is not what the process has as its standard output or error, and does not hold a store. Its folder
// may be written.
//
// InvalidArgument otherwise, with the path, the reason and the way out.
absl::Status CheckOutputFiles(const std::vector<std::string>& outputs, const std::vector<std::string>& kept);

// Replaces the file at `path` by `text`, at once: a reader sees the old text or the new. Looks again at what is there,
// for the time since the check may have been long: InvalidArgument as above, or the system's error.
absl::Status WriteOutputFile(const std::string& path, std::string_view text);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_STORE_OUTPUT_FILE_H_
