// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_IOURING_TESTING_DEVICE_CONFORMANCE_H_
#define SLOTWISE_IOURING_TESTING_DEVICE_CONFORMANCE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "iouring/buffer_pool.h"
#include "iouring/device.h"
#include "iouring/device_file.h"

namespace slotwise {

// What carries the bytes of a device under test.
class Medium {
 public:
  virtual ~Medium() = default;
  virtual const std::string& path() const = 0;          // what is opened
  virtual const std::string& backing_path() const = 0;  // the regular file that holds the bytes
};

// How the suite makes a device.
struct DeviceVariant {
  std::string name;
  bool uring = false;       // else FileDevice
  bool registered = false;  // the arena with the ring
  bool sqpoll = false;
  uint64_t transfer_bytes_max = 0;  // 0: the device's own
  absl::StatusOr<std::unique_ptr<Medium>> (*make_medium)(uint64_t bytes) = nullptr;
  std::optional<std::string> (*unavailable)() = nullptr;  // why there can be no such medium here
};

// The name of a variant, for INSTANTIATE_TEST_SUITE_P.
std::string DeviceVariantName(const testing::TestParamInfo<DeviceVariant>& info);

// What every Device promises, as tests. A test program instantiates it over
// the variants it can make:
//
//   INSTANTIATE_TEST_SUITE_P(File, DeviceConformanceTest, testing::Values(...), DeviceVariantName);
class DeviceConformanceTest : public testing::TestWithParam<DeviceVariant> {
 protected:
  static constexpr uint64_t kBytes = uint64_t{1} << 20;
  static constexpr int kQueueDepth = 8;

  void SetUp() override;
  void TearDown() override;

  // Closes the device that is open, if any, and opens the medium again.
  void Reopen(const DeviceFileOptions& options);

  std::unique_ptr<Medium> medium_;
  std::unique_ptr<BufferPool> pool_;
  std::unique_ptr<Device> device_;
};

}  // namespace slotwise

#endif  // SLOTWISE_IOURING_TESTING_DEVICE_CONFORMANCE_H_
