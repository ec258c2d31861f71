// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_DEVICE_FILE_H_
#define SLOTWISE_IOURING_DEVICE_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "iouring/system/process_identity.h"
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
// otherwise held, and any file with flock(2), which every DeviceFile respects. Both end when the DeviceFile is
// destroyed, or when its process has died and every transfer of it has ended. Its descriptors are never 0 to 2.
//
// It belongs to the process that opened it: in a fork, closing it closes the descriptor and gives no lock back. A fork
// that inherits the descriptor of a block device keeps the claim on it for as long as it lives, unless a ring has it.
class DeviceFile {
 public:
  // Errors, each naming `path` and the way out: kNotFound; kInvalidArgument
  // (neither block device nor regular file); kPermissionDenied;
  // kFailedPrecondition (in use, mounted, read-only, without a medium, no
  // O_DIRECT here).
  // Nothing on the device changes. What is in use is waited for, as the options
  // say, with a line in the log: it may be the writes of a dead process that
  // are in flight, which must not land on what a successor writes.
  static absl::StatusOr<DeviceFile> Open(const std::string& path, const DeviceFileOptions& options);

  // The same of the regular file `fd`, which is open for reading and writing through the page cache, and locked.
  static absl::StatusOr<DeviceFile> Adopt(const std::string& path, UniqueFd fd, const DeviceFileOptions& options);

  DeviceFile(DeviceFile&&) noexcept = default;
  DeviceFile& operator=(DeviceFile&&) noexcept = default;
  ~DeviceFile();

  const std::string& path() const { return path_; }
  const DeviceGeometry& geometry() const { return geometry_; }
  int fd() const { return fd_.get(); }  // -1 when closed

  bool is_open() const { return fd_.valid(); }
  // Ends the claim and the lock. Where a ring has the claim, waits for the ring's end, which lasts up to a second.
  void Close();

  // kFailedPrecondition in a fork of the process that opened it.
  absl::Status CheckProcess() const;

  // A second descriptor of the same device, with the same rights but without
  // the claim and the lock.
  absl::StatusOr<UniqueFd> OpenUnclaimed() const;

  // The same as a DeviceFile.
  absl::StatusOr<DeviceFile> Unclaimed() const;

  // Looks at the geometry again, once the file has grown.
  absl::Status Measure();

  // Closes the claimed descriptor and goes on with `unclaimed`: the claim is now that of a ring, which knows the
  // claimed descriptor, and ends with it.
  void LendClaim(UniqueFd unclaimed);

 private:
  DeviceFile(std::string path, UniqueFd fd, const DeviceGeometry& geometry);

  std::string path_;
  UniqueFd fd_;
  DeviceGeometry geometry_;
  bool claim_lent_ = false;
  ProcessIdentity process_;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_DEVICE_FILE_H_
