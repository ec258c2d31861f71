// SPDX-License-Identifier: Apache-2.0
#include "lmcache/store_file.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/disk/superblock_io.h"
#include "rawblock/make/new_store.h"
#include "slotwise/create_store.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

constexpr uint64_t kFileBytesMin = 4096;

// A store that is small has this many entries, or one per so many bytes: its payloads
// are small, too, and the entries cost little.
constexpr uint64_t kEntriesOfSmallStore = 4096;
constexpr uint64_t kPayloadBytesSmall = 16 << 10;

absl::Status At(const std::string& path, absl::StatusCode code, absl::string_view message) {
  return absl::Status(code, absl::StrCat(path, ": ", message));
}

// The engines without slots only want to know how many entries there will be: enough
// for partial payloads and single layers.
uint64_t PayloadBytes(const StoreFileOptions& options, uint64_t capacity_bytes) {
  if (options.engine == Engine::kFixedSlot || options.engine == Engine::kSlab) return options.payload_bytes;
  const uint64_t assumed = std::clamp(capacity_bytes / kEntriesOfSmallStore, kPayloadBytesSmall, kPayloadBytesTypical);
  return options.payload_bytes == 0 ? assumed : std::min(options.payload_bytes, assumed);
}

// `bytes`: of what the store is made of.
CreateStoreOptions CreateOptions(const StoreFileOptions& options, uint64_t bytes) {
  return {.capacity_bytes = options.capacity_bytes,
          .payload_bytes = PayloadBytes(options, bytes),
          .engine = options.engine,
          .file = options.device.file};
}

absl::Status CreateMissing(const std::string& path, const StoreFileOptions& options) {
  if (!options.create) {
    return At(path, absl::StatusCode::kNotFound,
              "does not exist; create=True, with capacity_bytes, makes a file of it");
  }
  if (absl::StartsWith(path, "/dev/") && !absl::StartsWith(path, "/dev/shm/")) {
    return At(path, absl::StatusCode::kInvalidArgument, "does not exist; no file is created among devices");
  }
  if (options.capacity_bytes < kFileBytesMin) {
    return At(path, absl::StatusCode::kInvalidArgument, "does not exist; give capacity_bytes to create it");
  }
  return CreateStore(path, CreateOptions(options, options.capacity_bytes));
}

void LogDifferences(const std::string& path, const StoreFileOptions& options, const StoreHeader& header) {
  const uint64_t block_bytes = header.layout.block_bytes;
  const uint64_t capacity = options.capacity_bytes / block_bytes * block_bytes;
  LOG_IF(WARNING, capacity != 0 && capacity != header.layout.device_bytes)
      << path << " was formatted with a capacity of " << header.layout.device_bytes << " bytes, not "
      << options.capacity_bytes << "; it is used as it is";
  LOG_IF(WARNING, options.engine != header.allocator.engine)
      << path << " was formatted with the allocator " << EngineName(header.allocator.engine) << ", not "
      << EngineName(options.engine) << "; it is used as it is";
}

absl::Status Format(const OpenedDevice& opened, const StoreFileOptions& options) {
  const uint64_t bytes = options.capacity_bytes == 0 ? opened.geometry.size : options.capacity_bytes;
  const absl::StatusOr<NewStore> store = NewStoreOf(CreateOptions(options, bytes));
  return store.ok() ? FormatOpened(opened, *store) : store.status();
}

// `reason` is why what is open is no store that can be used.
absl::Status CreateOver(const std::string& path, const StoreFileOptions& options, const absl::Status& reason,
                        const OpenedDevice& opened) {
  if (!absl::IsFailedPrecondition(reason)) return At(path, reason.code(), reason.message());
  if (!options.create) {
    return At(path, reason.code(), absl::StrCat(reason.message(), "; so does create=True if it is blank"));
  }
  absl::Status formatted = Format(opened, options);
  if (formatted.ok()) return formatted;
  return At(path, formatted.code(),
            absl::StrCat(reason.message(), "; create=True does not: ", path, ": ", formatted.message()));
}

absl::Status PrepareExisting(const std::string& path, const StoreFileOptions& options) {
  absl::StatusOr<OpenedDevice> opened = OpenDevice(path, options.device);
  if (!opened.ok()) return opened.status();
  const absl::StatusOr<StoreHeader> header = ReadStoreHeader(opened->device.get(), /*copies_bad=*/nullptr);
  absl::Status prepared = header.ok() ? absl::OkStatus() : CreateOver(path, options, header.status(), *opened);
  prepared.Update(opened->device->Close());
  if (prepared.ok() && header.ok()) LogDifferences(path, options, *header);
  return prepared;
}

}  // namespace

absl::Status PrepareStore(const std::string& path, const StoreFileOptions& options) {
  std::error_code error;
  const bool missing = std::filesystem::status(path, error).type() == std::filesystem::file_type::not_found;
  return missing ? CreateMissing(path, options) : PrepareExisting(path, options);
}

}  // namespace slotwise
