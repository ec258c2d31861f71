// SPDX-License-Identifier: Apache-2.0
#include "tools/stores/store_plan.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "allocator/allocator.h"
#include "allocator/extent.h"
#include "iouring/device_file.h"
#include "rawblock/disk/layout.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/make/store_identity.h"
#include "tools/base/byte_size.h"
#include "tools/stores/allocator_description.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

constexpr uint32_t kFileAlignment = 4096;  // of the files that we create

absl::Status At(const StoreRequest& request, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(request.path, ": ", status.message()));
}

bool Exists(const std::string& path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

StorePlan BasicPlan(const StoreRequest& request) {
  return {.path = request.path,
          .device = {.file = {.buffered = request.buffered}, .queue_depth = request.queue_depth},
          .create_bytes = 0,
          .format = std::nullopt};
}

absl::StatusOr<StorePlan> PlanToFormatSpace(const StoreRequest& request, const DeviceSpace& space) {
  absl::StatusOr<FormatOptions> format = PlanFormat(request.engine.value_or(Engine::kExtent), request.sizes, space);
  if (!format.ok()) return At(request, format.status());
  format->force = request.force;
  StorePlan plan = BasicPlan(request);
  plan.format = *std::move(format);
  return plan;
}

absl::StatusOr<StorePlan> PlanNewFile(const StoreRequest& request) {
  if (request.capacity_bytes == 0) {
    return absl::NotFoundError(absl::StrCat(request.path, " does not exist; give --capacity to create it"));
  }
  const uint64_t bytes = request.capacity_bytes / kFileAlignment * kFileAlignment;
  absl::StatusOr<StorePlan> plan = PlanToFormatSpace(request, {bytes, kFileAlignment, bytes});
  if (plan.ok()) plan->create_bytes = bytes;
  return plan;
}

absl::Status CheckEngine(const StoreRequest& request, const StoreHeader& header) {
  if (!request.engine.has_value()) return absl::OkStatus();
  const uint32_t block_bytes = header.layout.block_bytes;
  const std::string formatted = DescribeAllocator(header.allocator, block_bytes);
  const std::string asked =
      DescribeAllocator(SuitableAllocator(*request.engine, request.sizes, header.layout), block_bytes);
  if (asked == formatted) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the store was formatted with ", formatted, ", not with ", asked,
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

absl::StatusOr<OpenedDevice> OpenAndFormat(const StorePlan& plan) {
  absl::StatusOr<OpenedDevice> opened = OpenDevice(plan.path, plan.device);
  if (!opened.ok() || !plan.format.has_value()) return opened;
  FormatOptions options = *plan.format;
  Identify(&options);
  const absl::Status formatted = FormatStore(opened->device.get(), options);
  if (formatted.ok()) return opened;
  return absl::Status(formatted.code(), absl::StrCat(plan.path, ": ", formatted.message()));
}

}  // namespace

absl::StatusOr<StorePlan> PlanStoreToFormat(const StoreRequest& request) {
  if (!Exists(request.path)) return PlanNewFile(request);
  const absl::StatusOr<OpenedDevice> opened = OpenDevice(request.path, BasicPlan(request).device);
  if (!opened.ok()) return opened.status();
  return PlanToFormatSpace(request, {opened->geometry.size, opened->geometry.alignment, request.capacity_bytes});
}

absl::StatusOr<StorePlan> PlanStoreToUse(const StoreRequest& request) {
  if (request.force || !Exists(request.path)) return PlanStoreToFormat(request);
  StorePlan plan = BasicPlan(request);
  const absl::StatusOr<OpenedDevice> opened = OpenDevice(request.path, plan.device);
  if (!opened.ok()) return opened.status();
  if (absl::Status status = CheckStore(request, opened->device.get()); !status.ok()) return At(request, status);
  return plan;
}

absl::StatusOr<OpenedDevice> OpenPlannedStore(const StorePlan& plan) {
  if (plan.create_bytes == 0) return OpenAndFormat(plan);
  if (absl::Status status = CreateFile(plan.path, plan.create_bytes); !status.ok()) return status;
  absl::Cleanup remove = [&plan] { std::filesystem::remove(plan.path); };
  absl::StatusOr<OpenedDevice> opened = OpenAndFormat(plan);
  if (opened.ok()) std::move(remove).Cancel();
  return opened;
}

}  // namespace slotwise
