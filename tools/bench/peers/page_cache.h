// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_PAGE_CACHE_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_PAGE_CACHE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace slotwise {

// `path` is a regular file, or a folder that stands for all in it and below.

// How many of their bytes the page cache holds, by mincore(2).
absl::StatusOr<uint64_t> CachedBytes(const std::string& path);

// Writes the files to their device and drops them from the page cache, with
// fsync(2) and posix_fadvise(2), which need no root and leave the rest of the
// machine alone. Then looks: kFailedPrecondition if more than a hundredth of them,
// and more than 256 KiB, is still there, as in a file system in memory, or where they
// are mapped.
absl::Status DropFromPageCache(const std::string& path);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_PAGE_CACHE_H_
