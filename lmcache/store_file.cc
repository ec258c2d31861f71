// SPDX-License-Identifier: Apache-2.0
#include "lmcache/store_file.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "allocator/allocator.h"
#include "allocator/extent.h"
#include "glog/logging.h"
#include "iouring/device.h"
#include "iouring/device_file.h"
#include "rawblock/format_store.h"
#include "rawblock/layout.h"
#include "rawblock/store_header.h"
#include "rawblock/store_identity.h"
#include "rawblock/superblock_io.h"

namespace slotwise {
namespace {

using Engine = AllocatorOptions::Engine;

constexpr uint32_t kFileAlignment = 4096;  // of the files that we create

// LMCache's keys hold a model's name, a hash and a salt: about 100 bytes, now and then twice that.
constexpr uint32_t kKeyBytesMax = 256;

constexpr uint64_t kEntriesMin = 64;
constexpr uint64_t kEntriesOfSmallStore = 4096;
constexpr uint64_t kPayloadBytesSmall = 16 << 10;

absl::Status At(const std::string& path, const absl::Status& status) {
  if (status.ok() || absl::StrContains(status.message(), path)) return status;
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

absl::string_view NameOf(Engine engine) {
  const std::string_view name = EngineName(engine);
  return {name.data(), name.size()};
}

// A quarter more than payloads that fit, as some are partial; a small store, whose entries cost little, has them for
// small payloads too.
uint64_t EntriesMax(const StoreFileOptions& options, uint64_t capacity_bytes) {
  const uint64_t payload_bytes = options.payload_bytes == 0 ? kPayloadBytesTypical : options.payload_bytes;
  const uint64_t payloads = capacity_bytes / std::min(payload_bytes, kPayloadBytesTypical);
  const uint64_t small_payloads = std::min(capacity_bytes / kPayloadBytesSmall, kEntriesOfSmallStore);
  return std::max({kEntriesMin, payloads + payloads / 4, small_payloads});
}

AllocatorOptions AllocatorFor(const StoreFileOptions& options, const Layout& layout) {
  AllocatorOptions allocator{.engine = options.engine};
  const BlockCount payload = layout.BlocksFor(options.payload_bytes);
  if (options.engine == Engine::kFixedSlot) allocator.fixed_slot = payload;
  if (options.engine == Engine::kSlab) allocator.slab = SlabDefaults(BlockCount(layout.data_blocks), {&payload, 1});
  return allocator;
}

// Whether the payloads that are announced have room at all.
absl::Status CheckRoom(const StoreFileOptions& options, const AllocatorOptions& allocator, const Layout& layout) {
  const auto space = CreateAllocator(allocator, BlockCount(layout.data_blocks));
  if (!space.ok()) return space.status();
  if ((*space)->largest_allocation() >= layout.BlocksFor(options.payload_bytes)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a capacity of ", layout.device_bytes,
                                                 " bytes is too small for payloads of ", options.payload_bytes,
                                                 " bytes, with the allocator ", NameOf(options.engine)));
}

absl::StatusOr<FormatOptions> PlanFormat(const StoreFileOptions& options, const Device& device) {
  const uint64_t capacity = options.capacity_bytes == 0 ? device.size() : options.capacity_bytes;
  FormatOptions format;
  format.capacity_bytes = capacity;
  format.max_entries = EntriesMax(options, capacity);
  format.max_key_bytes = kKeyBytesMax;
  const absl::StatusOr<Layout> layout = PlanLayout(format, device.size(), device.alignment());
  if (!layout.ok()) return layout.status();
  format.allocator = AllocatorFor(options, *layout);
  if (absl::Status room = CheckRoom(options, format.allocator, *layout); !room.ok()) return room;
  Identify(&format);
  return format;
}

absl::Status Format(const StoreFileOptions& options, Device* device) {
  const absl::StatusOr<FormatOptions> format = PlanFormat(options, *device);
  return format.ok() ? FormatStore(device, *format) : format.status();
}

absl::Status FormatFile(const std::string& path, const StoreFileOptions& options) {
  absl::StatusOr<OpenedDevice> opened = OpenDevice(path, options.device);
  if (!opened.ok()) return opened.status();
  const absl::Status formatted = Format(options, opened->device.get());
  return formatted.ok() ? opened->device->Close() : formatted;
}

absl::Status CheckMissing(const std::string& path, const StoreFileOptions& options) {
  if (!options.create) {
    return absl::NotFoundError("does not exist; create=True, with capacity_bytes, makes a file of it");
  }
  if (absl::StartsWith(path, "/dev/") && !absl::StartsWith(path, "/dev/shm/")) {
    return absl::InvalidArgumentError("does not exist; no file is created among devices");
  }
  if (options.capacity_bytes >= kFileAlignment) return absl::OkStatus();
  return absl::InvalidArgumentError("does not exist; give capacity_bytes to create it");
}

absl::Status CreateStore(const std::string& path, StoreFileOptions options) {
  if (absl::Status status = CheckMissing(path, options); !status.ok()) return status;
  options.capacity_bytes = options.capacity_bytes / kFileAlignment * kFileAlignment;
  if (absl::Status status = CreateFile(path, options.capacity_bytes); !status.ok()) return status;
  absl::Cleanup remove = [&path] { std::filesystem::remove(path); };
  absl::Status formatted = FormatFile(path, options);
  if (formatted.ok()) std::move(remove).Cancel();
  return formatted;
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

// `error` says why `device` is not a store.
absl::Status MakeStore(const StoreFileOptions& options, const absl::Status& error, Device* device) {
  if (!absl::IsFailedPrecondition(error)) return error;
  if (!options.create) {
    return absl::FailedPreconditionError(absl::StrCat(error.message(), "; so does create=True if it is blank"));
  }
  const absl::Status formatted = Format(options, device);
  if (formatted.ok()) return absl::OkStatus();
  return absl::Status(formatted.code(), absl::StrCat(error.message(), "; create=True does not: ", formatted.message()));
}

absl::Status PrepareDevice(const std::string& path, const StoreFileOptions& options) {
  absl::StatusOr<OpenedDevice> opened = OpenDevice(path, options.device);
  if (!opened.ok()) return opened.status();
  Device* const device = opened->device.get();
  const absl::StatusOr<StoreHeader> header = ReadStoreHeader(device, /*copies_bad=*/nullptr);
  if (header.ok()) {
    LogDifferences(path, options, *header);
  } else if (absl::Status made = MakeStore(options, header.status(), device); !made.ok()) {
    return made;
  }
  return device->Close();
}

}  // namespace

absl::Status PrepareStore(const std::string& path, const StoreFileOptions& options) {
  std::error_code error;
  const bool missing = std::filesystem::status(path, error).type() == std::filesystem::file_type::not_found;
  return At(path, missing ? CreateStore(path, options) : PrepareDevice(path, options));
}

}  // namespace slotwise
