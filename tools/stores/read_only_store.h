// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_STORES_READ_ONLY_STORE_H_
#define SLOTWISE_TOOLS_STORES_READ_ONLY_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "iouring/open_device.h"
#include "iouring/read_only_device.h"
#include "rawblock/core/clock.h"
#include "rawblock/core/raw_block_core.h"

namespace slotwise {

// A store opened to be examined: recovered as ever, but nothing on the device
// changes, whatever is done to the core.
class ReadOnlyStore {
 public:
  // Errors as OpenDevice and RawBlockCore::Open, each naming `path`.
  static absl::StatusOr<std::unique_ptr<ReadOnlyStore>> Open(const std::string& path, bool buffered);

  RawBlockCore& core() { return *core_; }
  const DeviceGeometry& geometry() const { return geometry_; }
  // As DescribeEngine and DescribeBuffers.
  const std::string& engine() const { return engine_; }
  const std::string& buffers() const { return buffers_; }

 private:
  explicit ReadOnlyStore(OpenedDevice opened);

  DeviceGeometry geometry_;
  std::string engine_;
  std::string buffers_;
  SystemClock clock_;
  ReadOnlyDevice device_;
  std::unique_ptr<RawBlockCore> core_;
};

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_STORES_READ_ONLY_STORE_H_
