// SPDX-License-Identifier: Apache-2.0
#include "rawblock/make/new_store.h"

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "iouring/create_file.h"
#include "iouring/device_file.h"
#include "iouring/file_device.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/make/foreign_signature.h"

namespace slotwise {
namespace {

void Identify(StoreHeader* header) {
  std::random_device source;
  for (uint8_t& byte : header->uuid) byte = static_cast<uint8_t>(source());
  header->uuid[6] = static_cast<uint8_t>((header->uuid[6] & 0x0f) | 0x40);
  header->uuid[8] = static_cast<uint8_t>((header->uuid[8] & 0x3f) | 0x80);
  header->salt = uint64_t{source()} << 32 | source();
  header->created_unix_seconds = static_cast<uint64_t>(absl::ToUnixSeconds(absl::Now()));
}

absl::Status At(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

absl::StatusOr<StoreHeader> Plan(const std::string& path, const NewStore& store, const DeviceSpace& space) {
  absl::StatusOr<StoreHeader> header = PlanFormat(store.engine, store.sizes, space, store.max_key_bytes);
  return header.ok() ? header : At(path, header.status());
}

// --- A new file ----------------------------------------------------------------------

absl::StatusOr<StoreHeader> PlanNewFile(const std::string& path, const NewStore& store) {
  if (store.capacity_bytes != 0) return Plan(path, store, {WholeBlocks(store.capacity_bytes, 0), 0, 0});
  return absl::NotFoundError(absl::StrCat(path, " does not exist; give a capacity to create it"));
}

// --- What is there ---------------------------------------------------------------------

// The capacity to which a file grows first: one that is shorter and holds nothing is as good as none. 0: it is taken as
// it is.
absl::StatusOr<uint64_t> GrownBytes(const DeviceFile& file, const NewStore& store) {
  const DeviceGeometry& geometry = file.geometry();
  const uint64_t capacity = WholeBlocks(store.capacity_bytes, geometry.alignment);
  if (geometry.is_block_device || capacity <= geometry.size) return 0;
  const absl::StatusOr<bool> blank = IsBlank(file);
  if (!blank.ok()) return blank.status();
  return *blank ? capacity : 0;
}

absl::StatusOr<StoreHeader> PlanExisting(const DeviceFile& file, const NewStore& store, uint64_t grown_bytes) {
  const DeviceGeometry& geometry = file.geometry();
  const uint64_t bytes = std::max(geometry.size, grown_bytes);
  if (bytes > 0) return Plan(file.path(), store, {bytes, geometry.alignment, store.capacity_bytes});
  return absl::InvalidArgumentError(
      absl::StrCat(file.path(), " is an empty file; give a capacity to make a store of it"));
}

absl::Status CheckUnused(const DeviceFile& file, const StoreHeader& header) {
  absl::StatusOr<DeviceFile> unclaimed = file.Unclaimed();
  if (!unclaimed.ok()) return unclaimed.status();
  FileDevice device(*std::move(unclaimed), {.queue_depth = 1});
  const bool is_store = ReadStoreHeader(&device, /*copies_bad=*/nullptr).ok();
  const absl::StatusOr<std::optional<ForeignSignature>> foreign = FindForeignSignature(file);
  if (!foreign.ok()) return foreign.status();
  if (is_store || !foreign->has_value()) {
    const absl::Status blank = CheckBlank(&device, header);
    return blank.ok() ? blank : At(file.path(), blank);
  }
  return absl::FailedPreconditionError(absl::StrCat(file.path(), ": the device is not blank: ", (*foreign)->type,
                                                    ", with its signature at byte ", (*foreign)->offset,
                                                    "; `slotwise format --force` overwrites it"));
}

// Whatever stands between `file` and a store of `header` is out of the way.
absl::Status Prepare(DeviceFile* file, const NewStore& store, const StoreHeader& header, uint64_t grown_bytes) {
  absl::Status status;
  if (!store.force && grown_bytes == 0) status = CheckUnused(*file, header);
  if (status.ok() && !file->geometry().is_block_device) {
    status = ReserveFile(file, std::max(grown_bytes, header.layout.device_bytes));
  }
  if (status.ok() && store.force) status = EraseForeignSignatures(*file);
  return status;
}

// --- Either ----------------------------------------------------------------------------

absl::Status Format(const std::string& path, const OpenedDevice& opened, StoreHeader header, bool force) {
  Identify(&header);
  const absl::Status formatted = FormatStore(opened.device.get(), header, force);
  return formatted.ok() ? formatted : At(path, formatted);
}

absl::StatusOr<MadeStore> MakeExisting(const std::string& path, const OpenDeviceOptions& device,
                                       const NewStore& store) {
  absl::StatusOr<DeviceFile> file = DeviceFile::Open(path, device.file);
  if (!file.ok()) return file.status();
  const absl::StatusOr<uint64_t> grown_bytes = GrownBytes(*file, store);
  if (!grown_bytes.ok()) return grown_bytes.status();
  const absl::StatusOr<StoreHeader> header = PlanExisting(*file, store, *grown_bytes);
  if (!header.ok()) return header.status();
  if (absl::Status ready = Prepare(&*file, store, *header, *grown_bytes); !ready.ok()) return ready;
  absl::StatusOr<OpenedDevice> opened = OpenDevice(*std::move(file), device);
  if (!opened.ok()) return opened.status();
  if (absl::Status made = Format(path, *opened, *header, store.force); !made.ok()) return made;
  return MadeStore{.opened = *std::move(opened)};
}

absl::StatusOr<MadeStore> MakeNewFile(const std::string& path, const OpenDeviceOptions& device, const NewStore& store) {
  absl::StatusOr<StoreHeader> header = PlanNewFile(path, store);
  if (!header.ok()) return header.status();
  absl::StatusOr<DeviceFile> file = CreateFile(path, WholeBlocks(store.capacity_bytes, 0), device.file);
  if (!file.ok()) return file.status();
  UnfinishedFile unfinished(path, file->fd());
  // Again, for its alignment.
  header = Plan(path, store, {file->geometry().size, file->geometry().alignment, 0});
  if (!header.ok()) return header.status();
  absl::StatusOr<OpenedDevice> opened = OpenDevice(*std::move(file), device);
  if (!opened.ok()) return opened.status();
  if (absl::Status made = Format(path, *opened, *header, /*force=*/false); !made.ok()) {
    unfinished.Remove();  // while it is claimed
    return made;
  }
  unfinished.Keep();
  return MadeStore{.opened = *std::move(opened), .created = true};
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

absl::StatusOr<StoreHeader> PlanStore(const std::string& path, const DeviceFileOptions& file_options,
                                      const NewStore& store) {
  const absl::StatusOr<bool> missing = IsMissing(path);
  if (!missing.ok()) return missing.status();
  if (*missing) return PlanNewFile(path, store);
  const absl::StatusOr<DeviceFile> file = DeviceFile::Open(path, file_options);
  if (!file.ok()) return file.status();
  const absl::StatusOr<uint64_t> grown_bytes = GrownBytes(*file, store);
  return grown_bytes.ok() ? PlanExisting(*file, store, *grown_bytes) : grown_bytes.status();
}

absl::StatusOr<MadeStore> MakeStore(const std::string& path, const OpenDeviceOptions& device, const NewStore& store) {
  const absl::StatusOr<bool> missing = IsMissing(path);
  if (!missing.ok()) return missing.status();
  if (!*missing) return MakeExisting(path, device, store);
  absl::StatusOr<MadeStore> made = MakeNewFile(path, device, store);
  // Another creator was faster.
  return absl::IsAlreadyExists(made.status()) ? MakeExisting(path, device, store) : std::move(made);
}

}  // namespace slotwise
