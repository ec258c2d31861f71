// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_CREATE_STORE_H_
#define SLOTWISE_CREATE_STORE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "slotwise/allocator_engine.h"
#include "slotwise/device_options.h"

namespace slotwise {

inline constexpr uint32_t kKeyBytesTypical = 256;
inline constexpr uint64_t kPayloadBytesTypical = 256 << 10;

struct CreateStoreOptions {
  // Bytes to use of what is there, 0: all; and of a new file.
  uint64_t capacity_bytes = 0;
  // Of a full chunk: there will be entries for as many as fit and a quarter more,
  // and the fixed and slab engines cut slots of this size, so they need it. 0:
  // kPayloadBytesTypical.
  uint64_t payload_bytes = 0;
  uint32_t max_key_bytes = kKeyBytesTypical;
  AllocatorEngine engine = AllocatorEngine::kExtent;
  DeviceFileOptions file = {};
};

// Makes an empty store at `path`, of a blank device or file, or of a new file if
// there is none. Blocks.
//
// kFailedPrecondition: what is there is not blank (a Slotwise store is not either),
// mounted or held. kInvalidArgument: options that do not fit. Nothing has been
// changed then, and a file that was created is gone again.
absl::Status CreateStore(const std::string& path, const CreateStoreOptions& options);

}  // namespace slotwise

#endif  // SLOTWISE_CREATE_STORE_H_
