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
#include "rawblock/make/format_store.h"
#include "slotwise/create_store.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

constexpr uint64_t kFileAlignment = 4096;  // of the files that we create

// LMCache's keys begin with the model's name, which may be the path of a folder.
constexpr uint32_t kKeyBytesMax = 256;

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

// Of `capacity_bytes`, or of all of the `device_bytes` if that is 0.
absl::Status Create(const std::string& path, const StoreFileOptions& options, uint64_t capacity_bytes,
                    uint64_t device_bytes) {
  return CreateStore(path, {.capacity_bytes = capacity_bytes,
                            .payload_bytes = PayloadBytes(options, capacity_bytes == 0 ? device_bytes : capacity_bytes),
                            .max_key_bytes = kKeyBytesMax,
                            .engine = options.engine,
                            .file = options.device.file});
}

absl::Status CreateMissing(const std::string& path, const StoreFileOptions& options) {
  if (!options.create) {
    return At(path, absl::StatusCode::kNotFound,
              "does not exist; create=True, with capacity_bytes, makes a file of it");
  }
  if (absl::StartsWith(path, "/dev/") && !absl::StartsWith(path, "/dev/shm/")) {
    return At(path, absl::StatusCode::kInvalidArgument, "does not exist; no file is created among devices");
  }
  if (options.capacity_bytes < kFileAlignment) {
    return At(path, absl::StatusCode::kInvalidArgument, "does not exist; give capacity_bytes to create it");
  }
  return Create(path, options, options.capacity_bytes / kFileAlignment * kFileAlignment, 0);
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

// `reason` is why `path` is no store that can be used.
absl::Status CreateOver(const std::string& path, const StoreFileOptions& options, const absl::Status& reason,
                        uint64_t device_bytes) {
  if (!absl::IsFailedPrecondition(reason)) return At(path, reason.code(), reason.message());
  if (!options.create) {
    return At(path, reason.code(), absl::StrCat(reason.message(), "; so does create=True if it is blank"));
  }
  absl::Status created = Create(path, options, options.capacity_bytes, device_bytes);
  if (created.ok()) return created;
  return At(path, created.code(), absl::StrCat(reason.message(), "; create=True does not: ", created.message()));
}

absl::Status PrepareExisting(const std::string& path, const StoreFileOptions& options) {
  absl::StatusOr<OpenedDevice> opened = OpenDevice(path, options.device);
  if (!opened.ok()) return opened.status();
  const absl::StatusOr<StoreHeader> header = ReadStoreHeader(opened->device.get(), /*copies_bad=*/nullptr);
  if (absl::Status closed = opened->device->Close(); !closed.ok()) return closed;
  if (!header.ok()) return CreateOver(path, options, header.status(), opened->geometry.size);
  LogDifferences(path, options, *header);
  return absl::OkStatus();
}

}  // namespace

absl::Status PrepareStore(const std::string& path, const StoreFileOptions& options) {
  std::error_code error;
  const bool missing = std::filesystem::status(path, error).type() == std::filesystem::file_type::not_found;
  return missing ? CreateMissing(path, options) : PrepareExisting(path, options);
}

}  // namespace slotwise
