// SPDX-License-Identifier: Apache-2.0
#include "tools/stores/read_only_store.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace slotwise {
namespace {

constexpr int kQueueDepth = 32;

}  // namespace

absl::StatusOr<std::unique_ptr<ReadOnlyStore>> ReadOnlyStore::Open(const std::string& path, bool buffered) {
  absl::StatusOr<OpenedDevice> opened =
      OpenDevice(path, {.file = {.read_only = true, .buffered = buffered}, .queue_depth = kQueueDepth});
  if (!opened.ok()) return opened.status();
  std::unique_ptr<ReadOnlyStore> store(new ReadOnlyStore(*std::move(opened)));
  absl::StatusOr<std::unique_ptr<RawBlockCore>> core = RawBlockCore::Open(&store->device_, &store->clock_, {});
  if (!core.ok()) return absl::Status(core.status().code(), absl::StrCat(path, ": ", core.status().message()));
  store->core_ = *std::move(core);
  return store;
}

ReadOnlyStore::ReadOnlyStore(OpenedDevice opened)
    : geometry_(opened.geometry),
      engine_(DescribeEngine(opened)),
      buffers_(DescribeBuffers(opened)),
      device_(std::move(opened.device)) {}

}  // namespace slotwise
