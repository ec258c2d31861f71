// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_MAKE_NEW_STORE_H_
#define SLOTWISE_RAWBLOCK_MAKE_NEW_STORE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "allocator/allocator_options.h"
#include "iouring/open_device.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/make/format_plan.h"
#include "rawblock/make/format_store.h"
#include "slotwise/create_store.h"

namespace slotwise {

// A store to be made: first planned, then formatted on a device that is there or
// on a file that is created. The tool, the plugin and CreateStore make their stores by
// these functions. They block.
struct NewStore {
  AllocatorOptions::Engine engine = AllocatorOptions::Engine::kExtent;
  ChunkSizes sizes;
  uint64_t capacity_bytes = 0;  // to use of what is there, 0: all; and of a new file
  uint32_t max_key_bytes = kKeyBytesTypical;
  bool force = false;  // format even over a store or other data
};

// What CreateStore makes of `options`. kInvalidArgument: the engine cuts slots,
// and the size of a payload is not known.
absl::StatusOr<NewStore> NewStoreOf(const CreateStoreOptions& options);

// The bytes of a file that is created for `capacity_bytes`.
uint64_t NewFileBytes(uint64_t capacity_bytes);

// The header that MakeStore would write on a device of this geometry, or, if it is
// null, on a new file. Errors as PlanFormat.
absl::StatusOr<StoreHeader> PlanStore(const NewStore& store, const DeviceGeometry* geometry);

// Makes `store` of the open device, with an identity like no other: a random UUID
// (RFC 4122, version 4) and salt from the system's random source, and the time of
// now. Errors, which do not name the path, as PlanFormat and FormatStore; nothing has been written then, unless
// writing failed.
absl::Status FormatOpened(const OpenedDevice& opened, const NewStore& store);

// Opens the device or file at `path`, creating a missing file, and makes `store` of
// it. A file that it created and could not finish is removed. kNotFound: a missing
// file, and no capacity; else errors as OpenDevice and FormatOpened. All name the path.
absl::StatusOr<OpenedDevice> MakeStore(const std::string& path, const OpenDeviceOptions& device, const NewStore& store);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_MAKE_NEW_STORE_H_
