// SPDX-License-Identifier: Apache-2.0
#include "rawblock/make/new_store.h"

#include <algorithm>
#include <filesystem>
#include <random>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "iouring/device_file.h"

namespace slotwise {
namespace {

constexpr uint32_t kFileAlignment = 4096;  // of the files that we create

void Identify(StoreHeader* header) {
  std::random_device source;
  for (uint8_t& byte : header->uuid) byte = static_cast<uint8_t>(source());
  header->uuid[6] = static_cast<uint8_t>((header->uuid[6] & 0x0f) | 0x40);
  header->uuid[8] = static_cast<uint8_t>((header->uuid[8] & 0x3f) | 0x80);
  header->salt = uint64_t{source()} << 32 | source();
  header->created_unix_seconds = static_cast<uint64_t>(absl::ToUnixSeconds(absl::Now()));
}

absl::StatusOr<OpenedDevice> OpenAndFormat(const std::string& path, const OpenDeviceOptions& device,
                                           const NewStore& store) {
  absl::StatusOr<OpenedDevice> opened = OpenDevice(path, device);
  if (!opened.ok()) return opened;
  const absl::Status formatted = FormatOpened(*opened, store);
  if (formatted.ok()) return opened;
  return absl::Status(formatted.code(), absl::StrCat(path, ": ", formatted.message()));
}

}  // namespace

absl::StatusOr<NewStore> NewStoreOf(const CreateStoreOptions& options) {
  const bool cuts_slots =
      options.engine == AllocatorOptions::Engine::kFixedSlot || options.engine == AllocatorOptions::Engine::kSlab;
  if (cuts_slots && options.payload_bytes == 0) {
    return absl::InvalidArgumentError("this allocator cuts slots of one size; say how large a full payload is");
  }
  const uint64_t payload_bytes = options.payload_bytes == 0 ? kPayloadBytesTypical : options.payload_bytes;
  return NewStore{.engine = options.engine,
                  .sizes = {.largest = {payload_bytes}, .mean = {payload_bytes}},
                  .capacity_bytes = options.capacity_bytes,
                  .max_key_bytes = options.max_key_bytes};
}

uint64_t NewFileBytes(uint64_t capacity_bytes) {
  return std::max<uint64_t>(kFileAlignment, capacity_bytes / kFileAlignment * kFileAlignment);
}

absl::StatusOr<StoreHeader> PlanStore(const NewStore& store, const DeviceGeometry* geometry) {
  DeviceSpace space{NewFileBytes(store.capacity_bytes), kFileAlignment, 0};
  if (geometry != nullptr) space = {geometry->size, geometry->alignment, store.capacity_bytes};
  return PlanFormat(store.engine, store.sizes, space, store.max_key_bytes);
}

absl::Status FormatOpened(const OpenedDevice& opened, const NewStore& store) {
  absl::StatusOr<StoreHeader> header = PlanStore(store, &opened.geometry);
  if (!header.ok()) return header.status();
  Identify(&*header);
  return FormatStore(opened.device.get(), *header, store.force);
}

absl::StatusOr<OpenedDevice> MakeStore(const std::string& path, const OpenDeviceOptions& device,
                                       const NewStore& store) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) return OpenAndFormat(path, device, store);
  if (store.capacity_bytes == 0) {
    return absl::NotFoundError(absl::StrCat(path, ": there is no such file, and no capacity to create it"));
  }
  NewStore whole = store;  // of a file of whole blocks, however many bytes were asked for
  whole.capacity_bytes = 0;
  if (absl::Status created = CreateFile(path, NewFileBytes(store.capacity_bytes)); !created.ok()) return created;
  absl::Cleanup remove = [&path] { std::filesystem::remove(path); };
  absl::StatusOr<OpenedDevice> made = OpenAndFormat(path, device, whole);
  if (made.ok()) std::move(remove).Cancel();
  return made;
}

}  // namespace slotwise
