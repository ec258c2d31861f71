// SPDX-License-Identifier: Apache-2.0
#ifndef SLOTWISE_TOOLS_STORES_STORE_PLAN_H_
#define SLOTWISE_TOOLS_STORES_STORE_PLAN_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "allocator/allocator_options.h"
#include "iouring/open_device.h"
#include "rawblock/make/format_plan.h"
#include "rawblock/make/new_store.h"

namespace slotwise {

// What somebody asks of the store at `path`.
struct StoreRequest {
  std::string path;
  uint64_t capacity_bytes = 0;                     // 0: what there is
  std::optional<AllocatorOptions::Engine> engine;  // none: the store's own, or extent for a new one
  ChunkSizes sizes;                                // of what will be put
  int queue_depth = 1;
  bool buffered = false;
  bool force = false;  // format even over a store or other data
};

// How to come to that store: open it as it is, or make it first.
struct StorePlan {
  std::string path;
  OpenDeviceOptions device;
  std::optional<NewStore> format;  // none: it is formatted
};

// A plan to use the store at `path`: an existing one is opened, and must suit
// the request; a missing file is created, and with `force` anything is formatted
// anew. Looks at the device but changes nothing; it is closed again.
//
// The error says what to do: InvalidArgument (a capacity that does not fit, a
// payload that is too large, another engine than the store has), NotFound (no
// such file, and no capacity to create it), FailedPrecondition (in use,
// read-only, not a Slotwise store), DataLoss (a damaged one).
absl::StatusOr<StorePlan> PlanStoreToUse(const StoreRequest& request);

// A plan to format `path`, creating a missing file; an empty one, or a blank one
// that is too short, grows to the capacity. Errors likewise. Whether the device is
// blank is for OpenPlannedStore to see.
absl::StatusOr<StorePlan> PlanStoreToFormat(const StoreRequest& request);

// Does what `plan` says: creates, formats, opens. A file that it created and
// could not finish is removed. FailedPrecondition: the device is not blank, and
// not forced; it is unchanged.
absl::StatusOr<OpenedDevice> OpenPlannedStore(const StorePlan& plan);

}  // namespace slotwise

#endif  // SLOTWISE_TOOLS_STORES_STORE_PLAN_H_
