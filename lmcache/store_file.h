// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_LMCACHE_STORE_FILE_H_
#define SLOTWISE_LMCACHE_STORE_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "allocator/allocator_options.h"
#include "iouring/open_device.h"

namespace slotwise {

// What a store is made of where there is none yet.
struct StoreFileOptions {
  bool create = false;          // make one; else a path without a store is an error
  uint64_t capacity_bytes = 0;  // of a new file, or of a device to use; 0: all of the device
  uint64_t payload_bytes = 0;   // of a typical full payload; 0: not known, which fixed and slab do not allow
  AllocatorOptions::Engine engine = AllocatorOptions::Engine::kExtent;
  OpenDeviceOptions device = {};
};

// Sees to it that `path`, a block device or a file, holds a store that can be opened:
// one that is there is left as it is, whatever the options say, and what differs is
// a line in the log; where there is none, `create` makes one of a blank device, a
// blank file or a missing file; an empty file, or a blank one that is shorter than
// the capacity, is as good as a missing one. What is not blank is never written to.
//
// Errors name the path and the way out. kNotFound: missing, and not `create`.
// kInvalidArgument: sizes that do not fit, a missing file without a capacity, or
// in /dev. kFailedPrecondition: in use, not a store and not to be made one, a newer
// or larger store. kDataLoss: a damaged one.
absl::Status PrepareStore(const std::string& path, const StoreFileOptions& options);

}  // namespace slotwise

#endif  // SLOTWISE_LMCACHE_STORE_FILE_H_
