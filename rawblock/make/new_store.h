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
#include "slotwise/device_options.h"

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

// The header that MakeStore would write at `path`; looks, and changes nothing. kNotFound: nothing is there, and no
// capacity given to make a file; else errors as OpenDevice, IsMissing and PlanFormat. All name the path.
absl::StatusOr<StoreHeader> PlanStore(const std::string& path, const DeviceFileOptions& file, const NewStore& store);

struct MadeStore {
  OpenedDevice opened;
  bool created = false;  // a file that was not there before
};

// Makes `store` of the device or file at `path`, with an identity like no other: a random UUID (RFC 4122, version 4)
// and salt from the system's random source, and the time of now. Claimed from the first look to the last write.
//
// A file that is missing is created; one that is empty, or shorter than the capacity and blank, grows to it; of any
// other all that the store covers is reserved. Without force nothing is written to what has a signature that libblkid
// knows, or is not blank as CheckBlank says; with force all signatures are erased first.
//
// Errors as PlanStore, CreateFile, ReserveFile, FindForeignSignature and FormatStore. All name the path. Nothing has
// been changed then, unless writing failed, and a file that was created is gone again.
absl::StatusOr<MadeStore> MakeStore(const std::string& path, const OpenDeviceOptions& device, const NewStore& store);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_MAKE_NEW_STORE_H_
