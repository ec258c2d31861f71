// SPDX-License-Identifier: Apache-2.0
// The conformance suite on loop block devices, which need root.
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "iouring/testing/device_conformance.h"
#include "iouring/testing/loop_device.h"

namespace slotwise {
namespace {

class LoopMedium : public Medium {
 public:
  explicit LoopMedium(std::unique_ptr<LoopDevice> device) : device_(std::move(device)) {}
  const std::string& path() const override { return device_->path(); }
  const std::string& backing_path() const override { return device_->backing_path(); }

 private:
  std::unique_ptr<LoopDevice> device_;
};

template <uint32_t kBlockBytes>
absl::StatusOr<std::unique_ptr<Medium>> MakeLoop(uint64_t bytes) {
  absl::StatusOr<std::unique_ptr<LoopDevice>> device =
      LoopDevice::Create({.bytes = bytes, .block_bytes = kBlockBytes, .directory = testing::TempDir()});
  if (!device.ok()) return device.status();
  return std::make_unique<LoopMedium>(*std::move(device));
}

template <uint32_t kBlockBytes>
DeviceVariant Loop(DeviceVariant variant) {
  variant.make_medium = MakeLoop<kBlockBytes>;
  variant.unavailable = LoopDevice::Unavailable;
  return variant;
}

INSTANTIATE_TEST_SUITE_P(
    Loop, DeviceConformanceTest,
    testing::Values(Loop<512>({.name = "Uring512", .uring = true}),
                    Loop<512>({.name = "UringRegistered512", .uring = true, .registered = true}),
                    Loop<512>({.name = "UringInPieces512", .uring = true, .transfer_bytes_max = 4096}),
                    Loop<512>({.name = "Preadv512"}), Loop<4096>({.name = "Uring4096", .uring = true}),
                    Loop<4096>({.name = "UringRegistered4096", .uring = true, .registered = true}),
                    Loop<4096>({.name = "Preadv4096"})),
    DeviceVariantName);

}  // namespace
}  // namespace slotwise
