// SPDX-License-Identifier: Apache-2.0
// The conformance suite on a regular file.
#include "iouring/device.h"

#include <unistd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"
#include "iouring/create_file.h"
#include "iouring/testing/device_conformance.h"

namespace slotwise {
namespace {

class FileMedium : public Medium {
 public:
  explicit FileMedium(std::string path) : path_(std::move(path)) {}
  ~FileMedium() override { ::unlink(path_.c_str()); }
  const std::string& path() const override { return path_; }
  const std::string& backing_path() const override { return path_; }

 private:
  std::string path_;
};

absl::StatusOr<std::unique_ptr<Medium>> MakeFile(uint64_t bytes) {
  const std::string path = testing::TempDir() + "/device_test";
  ::unlink(path.c_str());
  if (const auto created = CreateFile(path, bytes); !created.ok()) return created.status();
  return std::make_unique<FileMedium>(path);
}

INSTANTIATE_TEST_SUITE_P(
    File, DeviceConformanceTest,
    testing::Values(DeviceVariant{.name = "Uring", .uring = true, .make_medium = MakeFile},
                    DeviceVariant{
                        .name = "UringRegistered", .uring = true, .registered = true, .make_medium = MakeFile},
                    DeviceVariant{.name = "UringInPieces",
                                  .uring = true,
                                  .registered = true,
                                  .transfer_bytes_max = 12288,
                                  .make_medium = MakeFile},
                    DeviceVariant{.name = "UringSqpoll", .uring = true, .sqpoll = true, .make_medium = MakeFile},
                    DeviceVariant{.name = "Preadv", .make_medium = MakeFile},
                    DeviceVariant{.name = "PreadvInPieces", .transfer_bytes_max = 12288, .make_medium = MakeFile}),
    DeviceVariantName);

}  // namespace
}  // namespace slotwise
