// SPDX-License-Identifier: Apache-2.0
#include "tools/stores/store_plan.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "allocator/allocator.h"
#include "allocator/extent.h"
#include "iouring/create_file.h"
#include "rawblock/disk/layout.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/disk/superblock_io.h"
#include "tools/base/byte_size.h"
#include "tools/stores/allocator_description.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

absl::Status At(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

StorePlan BasicPlan(const StoreRequest& request) {
  return {.path = request.path,
          .device = {.file = {.buffered = request.buffered}, .queue_depth = request.queue_depth},
          .format = std::nullopt};
}

// Whether there is nothing to be opened: no file, or an empty one, which is as good as none.
absl::StatusOr<bool> IsMissingOrEmpty(const std::string& path) {
  absl::StatusOr<bool> missing = IsMissing(path);
  if (!missing.ok() || *missing) return missing;
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && std::filesystem::file_size(path, error) == 0;
}

absl::Status CheckEngine(const StoreRequest& request, const StoreHeader& header) {
  if (!request.engine.has_value()) return absl::OkStatus();
  const uint32_t block_bytes = header.layout.block_bytes;
  const AllocatorOptions asked = SuitableAllocator(*request.engine, request.sizes, header.layout);
  if (asked == header.allocator) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the store was formatted with ", DescribeAllocator(header.allocator, block_bytes), ", not with ",
                   DescribeAllocator(asked, block_bytes),
                   "; leave --allocator out to use it as it is, or format it anew with --force"));
}

absl::Status CheckPayloads(const StoreRequest& request, const StoreHeader& header) {
  const absl::StatusOr<std::unique_ptr<Allocator>> allocator =
      CreateAllocator(header.allocator, BlockCount(header.layout.data_blocks));
  if (!allocator.ok()) return allocator.status();
  const uint64_t largest = *std::max_element(request.sizes.largest.begin(), request.sizes.largest.end());
  const uint64_t room = (*allocator)->largest_allocation().value() * header.layout.block_bytes;
  if (largest <= room) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("payloads of up to ", largest,
                                                 " bytes are larger than the largest slot, ", room,
                                                 " bytes; choose a smaller --model or --scale, or format the "
                                                 "store anew with --force"));
}

absl::Status CheckCapacity(const StoreRequest& request, const StoreHeader& header) {
  const uint64_t block_bytes = header.layout.block_bytes;
  if (request.capacity_bytes == 0 || request.capacity_bytes / block_bytes * block_bytes == header.layout.device_bytes) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the store was formatted with a capacity of ", header.layout.device_bytes, " bytes (",
                   FormatByteSize(header.layout.device_bytes), "), not ", request.capacity_bytes,
                   "; leave --capacity out to use it as it is, or format it anew with "
                   "--force"));
}

absl::Status CheckStore(const StoreRequest& request, Device* device) {
  const absl::StatusOr<StoreHeader> header = ReadStoreHeader(device, /*copies_bad=*/nullptr);
  if (!header.ok()) return header.status();
  if (absl::Status status = CheckCapacity(request, *header); !status.ok()) return status;
  if (absl::Status status = CheckEngine(request, *header); !status.ok()) return status;
  return CheckPayloads(request, *header);
}

}  // namespace

absl::StatusOr<StorePlan> PlanStoreToFormat(const StoreRequest& request) {
  StorePlan plan = BasicPlan(request);
  plan.format = {.engine = request.engine.value_or(Engine::kExtent),
                 .sizes = request.sizes,
                 .capacity_bytes = request.capacity_bytes,
                 .force = request.force};
  const absl::StatusOr<StoreHeader> header = PlanStore(request.path, plan.device.file, *plan.format);
  if (!header.ok()) return header.status();
  return plan;
}

absl::StatusOr<StorePlan> PlanStoreToUse(const StoreRequest& request) {
  const absl::StatusOr<bool> missing = IsMissingOrEmpty(request.path);
  if (!missing.ok()) return missing.status();
  if (request.force || *missing) return PlanStoreToFormat(request);
  StorePlan plan = BasicPlan(request);
  const absl::StatusOr<OpenedDevice> opened = OpenDevice(request.path, plan.device);
  if (!opened.ok()) return opened.status();
  if (absl::Status status = CheckStore(request, opened->device.get()); !status.ok()) return At(request.path, status);
  return plan;
}

absl::StatusOr<OpenedDevice> OpenPlannedStore(const StorePlan& plan) {
  if (!plan.format.has_value()) return OpenDevice(plan.path, plan.device);
  absl::StatusOr<MadeStore> made = MakeStore(plan.path, plan.device, *plan.format);
  if (!made.ok()) return made.status();
  return std::move(made->opened);
}

}  // namespace slotwise
