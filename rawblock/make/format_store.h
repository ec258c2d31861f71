// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_RAWBLOCK_MAKE_FORMAT_STORE_H_
#define SLOTWISE_RAWBLOCK_MAKE_FORMAT_STORE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "allocator/allocator_options.h"
#include "iouring/device.h"
#include "rawblock/disk/store_header.h"
#include "slotwise/create_store.h"

namespace slotwise {

struct FormatOptions {
  // Bytes of the device to use; 0: all of it.
  uint64_t capacity_bytes = 0;
  // The most payloads the store will hold; sizes the metadata. 0: EntriesFor
  // payloads of kPayloadBytesTypical.
  uint64_t max_entries = 0;
  uint32_t max_key_bytes = kKeyBytesTypical;
  AllocatorOptions allocator = {.engine = AllocatorOptions::Engine::kExtent};
  // Identity; the caller's random source fills both. Over a store of Slotwise's the new salt is made of this one and
  // the old one: no entry of the old store is ever one of the new.
  Uuid uuid = {};
  uint64_t salt = 0;
  absl::Time created;
  // Format although the device is not blank.
  bool force = false;
};

// The entries of a store that holds as many groups of `group_bytes` as fit into
// `capacity_bytes`, each of `group_payloads` payloads: a quarter more, for partial
// chunks, and never fewer than 64.
uint64_t EntriesFor(uint64_t capacity_bytes, uint64_t group_bytes, uint64_t group_payloads = 1);

// The regions that FormatStore would lay out on a device of `device_bytes`
// bytes with this alignment. An engine's sizes depend on the data region, so
// PlanFormat asks for this first. kInvalidArgument: the capacity is too small, or
// larger than the device.
absl::StatusOr<Layout> PlanLayout(const FormatOptions& options, uint64_t device_bytes, uint32_t device_alignment);

// The block size of a store on a device with this alignment, in bytes.
uint32_t BlockBytes(uint32_t device_alignment);

// The whole blocks of a capacity, in bytes, one at least; 0 stays 0. What is asked for is compared with what there is
// only as whole blocks.
uint64_t WholeBlocks(uint64_t capacity_bytes, uint32_t device_alignment);

// OK if FormatStore would make a store of `header` on `device` without force: the first and the last MiB are blank. A
// format that a power cut ended leaves a blank device blank: the block of the second superblock copy may hold anything,
// and, where the device is so small that the last MiB reaches into them, the regions of the metadata too.
// kFailedPrecondition, saying what there is.
absl::Status CheckBlank(Device* device, const StoreHeader& header);

// Makes an empty store of `device`. With `force` it first writes zeros over the first and the last MiB, where others
// have their signatures; the rest is left as it is.
//
// A crash on the way leaves a device that is not formatted, the store that was there, or the new one, whole; never half
// a store. In this order, each flushed before the next: the first superblock copy is erased, so that the other still
// holds the old store; the other; zeros; the empty checkpoint; the second superblock copy, and the first.
//
// kInvalidArgument: options that do not fit. kFailedPrecondition: as CheckBlank, and not `force`. Nothing has been
// written then.
absl::Status FormatStore(Device* device, const FormatOptions& options);

// The same of a `header` that was planned for this device.
absl::Status FormatStore(Device* device, const StoreHeader& header, bool force);

}  // namespace slotwise

#endif  // SLOTWISE_RAWBLOCK_MAKE_FORMAT_STORE_H_
