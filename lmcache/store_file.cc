// SPDX-License-Identifier: Apache-2.0
#include "lmcache/store_file.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "glog/logging.h"
#include "iouring/create_file.h"
#include "rawblock/disk/store_header.h"
#include "rawblock/disk/superblock_io.h"
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

// What is at a path: the header of a store, or why there is none, and how large it is.
struct Found {
  absl::StatusOr<StoreHeader> header;
  uint64_t bytes;
};

// The errors are those of opening and closing it.
absl::StatusOr<Found> Look(const std::string& path, const StoreFileOptions& options) {
  absl::StatusOr<OpenedDevice> opened =
      OpenDevice(path, {.file = options.device.file, .io_engine = IoEngine::kFile, .queue_depth = 1});
  if (!opened.ok()) return opened.status();
  Found found{.header = ReadStoreHeader(opened->device.get(), /*copies_bad=*/nullptr), .bytes = opened->geometry.size};
  if (absl::Status closed = opened->device->Close(); !closed.ok()) return closed;
  return found;
}

// `found` is no store that can be used.
absl::Status CreateOver(const std::string& path, const StoreFileOptions& options, const Found& found) {
  const absl::Status& reason = found.header.status();
  if (!absl::IsFailedPrecondition(reason)) return At(path, reason.code(), reason.message());
  if (!options.create) {
    return At(path, reason.code(), absl::StrCat(reason.message(), "; so does create=True if it is blank"));
  }
  const uint64_t bytes = options.capacity_bytes == 0 ? found.bytes : options.capacity_bytes;
  absl::Status created = CreateStore(path, CreateOptions(options, bytes));
  if (created.ok()) return created;
  return At(path, created.code(), absl::StrCat(reason.message(), "; create=True does not: ", created.message()));
}

absl::Status PrepareExisting(const std::string& path, const StoreFileOptions& options) {
  const absl::StatusOr<Found> found = Look(path, options);
  if (!found.ok()) return found.status();
  if (!found->header.ok()) return CreateOver(path, options, *found);
  LogDifferences(path, options, *found->header);
  return absl::OkStatus();
}

}  // namespace

absl::Status PrepareStore(const std::string& path, const StoreFileOptions& options) {
  const absl::StatusOr<bool> missing = IsMissing(path);
  if (!missing.ok()) return missing.status();
  return *missing ? CreateMissing(path, options) : PrepareExisting(path, options);
}

}  // namespace slotwise
