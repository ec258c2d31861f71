// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_CREATE_FILE_H_
#define SLOTWISE_IOURING_CREATE_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "iouring/device_file.h"
#include "slotwise/device_options.h"
#include "slotwise/unique_fd.h"

namespace slotwise {

// Whether there is nothing at `path`, so that a file can be made of that name. An error if that cannot be told (a
// folder that may not be searched, a loop of links), and for a link to nothing, through which no file is made.
absl::StatusOr<bool> IsMissing(const std::string& path);

// Creates `path` as a regular file of `bytes` zero bytes, open and locked, with its space reserved as ReserveFile does,
// and makes that durable. Of several who create the same path at most one succeeds; who locks the file in the moment
// before its creator has, has it, and the creator is told so.
//
// kAlreadyExists: there is something at `path`, which is left as it is. kInvalidArgument: a path among the device nodes
// under /dev, where a file would lie in memory and in the way of the node. Other errors as ReserveFile and
// DeviceFile::Open; the file is gone again then. A crash on the way leaves a file that is empty, or short, or blank.
absl::StatusOr<DeviceFile> CreateFile(const std::string& path, uint64_t bytes, const DeviceFileOptions& options = {});

// Reserves what the first `bytes` of the regular file lack, holes or its whole end, so that no later write there runs
// out of room, and makes that durable; the new bytes are zeros. A line in the log says where a file system cannot: it
// reserves nothing, or writes copies (an empty file of btrfs is told not to, any other keeps its way).
// kResourceExhausted, saying how much is missing: the file system is too small; the file is as long as before.
absl::Status ReserveFile(DeviceFile* file, uint64_t bytes);

// Whether every byte of the file is zero. Reads what it holds, up to the first byte that is not.
absl::StatusOr<bool> IsBlank(const DeviceFile& file);

// A file that was created and is not yet what it is to become: removed by the destructor, unless it is kept. Shares its
// lock, so let it go before the file is closed.
class UnfinishedFile {
 public:
  // Of the locked file `fd`.
  UnfinishedFile(std::string path, int fd);
  UnfinishedFile(UnfinishedFile&&) noexcept = default;
  UnfinishedFile& operator=(UnfinishedFile&&) = delete;
  ~UnfinishedFile() { Remove(); }

  void Keep() { fd_ = UniqueFd(); }
  // But for what another process has locked meanwhile, and for another file of the same name.
  void Remove();

 private:
  std::string path_;
  UniqueFd fd_;  // shares the lock
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_CREATE_FILE_H_
