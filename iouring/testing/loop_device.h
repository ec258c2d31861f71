// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_TESTING_LOOP_DEVICE_H_
#define SLOTWISE_IOURING_TESTING_LOOP_DEVICE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "slotwise/unique_fd.h"

namespace slotwise {

struct LoopDeviceOptions {
  uint64_t bytes = 0;              // of the backing file, a multiple of block_bytes
  uint32_t block_bytes = 512;      // the logical block size: 512 or 4096
  bool read_only = false;          // the device refuses writes
  std::string directory = "/tmp";  // of the backing file; a file system with O_DIRECT
};

// A loop block device with direct I/O over a sparse temporary file, both gone
// when the object is. The kernel detaches it by itself if the process dies, as
// soon as nobody holds it open.
//
// For tests, which need root: skip when Unavailable() gives a reason.
class LoopDevice {
 public:
  // Why this process cannot make loop devices; nullopt when it can.
  static std::optional<std::string> Unavailable();

  static absl::StatusOr<std::unique_ptr<LoopDevice>> Create(const LoopDeviceOptions& options);

  LoopDevice(const LoopDevice&) = delete;
  LoopDevice& operator=(const LoopDevice&) = delete;
  ~LoopDevice();

  // Takes the file from the device, at once or as soon as nobody holds it open.
  void Detach();

  const std::string& path() const { return path_; }                  // /dev/loopN
  const std::string& backing_path() const { return backing_path_; }  // the file behind it

 private:
  explicit LoopDevice(std::string backing_path);

  std::string backing_path_;
  std::string path_;
  UniqueFd fd_;  // keeps the device attached
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_TESTING_LOOP_DEVICE_H_
