// SPDX-License-Identifier: Apache-2.0
#include "slotwise/create_store.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "iouring/open_device.h"
#include "rawblock/make/format_plan.h"
#include "rawblock/make/format_store.h"
#include "rawblock/make/store_identity.h"

namespace slotwise {
namespace {

absl::StatusOr<FormatOptions> Plan(const CreateStoreOptions& options, const DeviceGeometry& geometry) {
  const bool cuts_slots =
      options.engine == AllocatorOptions::Engine::kFixedSlot || options.engine == AllocatorOptions::Engine::kSlab;
  if (cuts_slots && options.payload_bytes == 0) {
    return absl::InvalidArgumentError("this allocator cuts slots of one size; say how large a full payload is");
  }
  const uint64_t payload_bytes = options.payload_bytes == 0 ? kPayloadBytesTypical : options.payload_bytes;
  return PlanFormat(options.engine, {.largest = {payload_bytes}, .mean = {payload_bytes}},
                    {geometry.size, geometry.alignment, options.capacity_bytes}, options.max_key_bytes);
}

absl::Status FormatAt(const std::string& path, const CreateStoreOptions& options) {
  absl::StatusOr<OpenedDevice> opened = OpenDevice(path, {.file = options.file});
  if (!opened.ok()) return opened.status();
  absl::StatusOr<FormatOptions> format = Plan(options, opened->geometry);
  if (!format.ok()) return format.status();
  Identify(&*format);
  if (absl::Status formatted = FormatStore(opened->device.get(), *format); !formatted.ok()) return formatted;
  return opened->device->Close();
}

absl::Status CreateAt(const std::string& path, const CreateStoreOptions& options) {
  if (options.capacity_bytes == 0) return absl::NotFoundError("there is no such file, and no capacity to create it");
  if (absl::Status created = CreateFile(path, options.capacity_bytes); !created.ok()) return created;
  absl::Cleanup remove = [&path] { std::filesystem::remove(path); };
  absl::Status formatted = FormatAt(path, options);
  if (formatted.ok()) std::move(remove).Cancel();
  return formatted;
}

}  // namespace

absl::Status CreateStore(const std::string& path, const CreateStoreOptions& options) {
  std::error_code error;
  absl::Status created = std::filesystem::exists(path, error) ? FormatAt(path, options) : CreateAt(path, options);
  if (created.ok()) return created;
  return absl::Status(created.code(), absl::StrCat(path, ": ", created.message()));
}

}  // namespace slotwise
