// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_PREWRITTEN_FILE_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_PREWRITTEN_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace slotwise {

// Creates `path` and writes all of it, so that it behaves as a device: the first
// write to space that a file has only reserved makes the file system note that it is
// written. `bytes` is a multiple of 1 MiB. Errors as CreateFile.
absl::Status WritePrewrittenFile(const std::string& path, uint64_t bytes);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_PREWRITTEN_FILE_H_
