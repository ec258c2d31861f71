// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_BENCH_PEERS_FILE_IO_H_
#define SLOTWISE_TOOLS_BENCH_PEERS_FILE_IO_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "slotwise/unique_fd.h"

namespace slotwise {

// Blocking calls on files, with their errors as ErrnoStatus.

// `flags` as of open(2); a new file can be read and written by its owner only.
absl::StatusOr<UniqueFd> OpenFile(const std::string& path, int flags);

// All of `bytes`; `offset` in bytes.
absl::Status WriteFully(const UniqueFd& file, std::span<const std::byte> bytes, uint64_t offset);

// Fills `bytes`. kDataLoss: the file ends before.
absl::Status ReadFully(const UniqueFd& file, std::span<std::byte> bytes, uint64_t offset);

// fsync(2).
absl::Status SyncFile(const UniqueFd& file);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_BENCH_PEERS_FILE_IO_H_
