// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_DEVICE_FILE_H_
#define SLOTWISE_IOURING_DEVICE_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "slotwise/device_options.h"
#include "slotwise/unique_fd.h"

namespace slotwise {

// What was found when the device was opened.
struct DeviceGeometry {
  uint64_t size = 0;                  // bytes, rounded down to `alignment`
  uint32_t alignment = 0;             // bytes, a power of two; a block device's logical block, 4096 or more of a file
  uint32_t physical_block_bytes = 0;  // what the medium writes at once; a write of less may read first
  uint64_t transfer_bytes_max = 0;    // what a block device takes at once, a multiple of `alignment`; 0: no such limit
  bool polled = false;                // the driver has queues whose completions are polled for, not announced
  bool is_block_device = false;
  bool direct = false;  // O_DIRECT: the page cache is not involved
};

// An open block device or regular file, claimed: a device with O_EXCL, which the kernel refuses when it is mounted or
// otherwise held, a file with flock(2), which every DeviceFile respects. Both end when the DeviceFile is destroyed or
// the process dies.
class DeviceFile {
 public:
  // Errors, each naming `path` and the way out: kNotFound; kInvalidArgument
  // (neither block device nor regular file); kPermissionDenied;
  // kFailedPrecondition (in use, mounted, read-only, without a medium, no
  // O_DIRECT here).
  // Nothing on the device changes.
  static absl::StatusOr<DeviceFile> Open(const std::string& path, const DeviceFileOptions& options);

  // The same of the regular file `fd`, which was opened for reading and writing through the page cache. A lock that
  // `fd` has already is kept.
  static absl::StatusOr<DeviceFile> Adopt(const std::string& path, UniqueFd fd, const DeviceFileOptions& options);

  DeviceFile(DeviceFile&&) noexcept = default;
  DeviceFile& operator=(DeviceFile&&) noexcept = default;

  const std::string& path() const { return path_; }
  const DeviceGeometry& geometry() const { return geometry_; }
  int fd() const { return fd_.get(); }  // -1 when closed

  bool is_open() const { return fd_.valid(); }
  // Ends the claim and the lock.
  void Close() { fd_ = UniqueFd(); }

  // A second descriptor of the same device, with the same rights but without
  // the claim and the lock.
  absl::StatusOr<UniqueFd> OpenUnclaimed() const;

  // The same as a DeviceFile.
  absl::StatusOr<DeviceFile> Unclaimed() const;

  // Looks at the geometry again, once the file has grown.
  absl::Status Measure();

 private:
  DeviceFile(std::string path, UniqueFd fd, const DeviceGeometry& geometry);

  std::string path_;
  UniqueFd fd_;
  DeviceGeometry geometry_;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_DEVICE_FILE_H_
